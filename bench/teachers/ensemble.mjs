// @ts-check
// Five networks as one teacher, and a single student of less than a tenth of their work.
import { bare, examples, fashionData, member, memberEpochs, studentTraining, taught } from './fashion.mjs';
import { scores } from './lab.mjs';

const epochs = 8;
const size = 5;
const temperature = 2;
const kd = { kind: /** @type {const} */ ('kd'), weight: 0.9, temperature };
const ensembleKd = { ...kd, kind: /** @type {const} */ ('ensemble-kd') };
const labels = { kind: /** @type {const} */ ('labels'), weight: 0.1 };

/** @param {import('./lab.mjs').Lab} lab @param {number} [limit] */
export async function ensemble(lab, limit) {
  const data = fashionData(limit);
  const names = Array.from({ length: size }, (_, i) => i + 1);
  const members = await lab.train(names.map((seed) => ({ recipe: member(`member-${seed}`, seed, data) })));
  const teachers = members.map(taught);
  const all = { kind: /** @type {const} */ ('ensemble'), members: teachers };
  const student = {
    data,
    student: { model: { kind: /** @type {const} */ ('cnn'), channels: [16, 48, 80] } },
    training: studentTraining(epochs),
    seeds: 3,
    examples: 0,
  };
  const runs = await lab.train([
    { recipe: { ...student, name: 'student-of-the-mean', teacher: all, losses: [kd, labels] } },
    { recipe: { ...student, ...bare, name: 'student-of-one', teacher: teachers[0], losses: [kd, labels] } },
    { recipe: { ...student, ...bare, name: 'student-of-five', teacher: all, losses: [ensembleKd, labels] } },
  ]);
  const [mean, one, five] =
    /** @type {[import('./lab.mjs').Trained, import('./lab.mjs').Trained, import('./lab.mjs').Trained]} */ (runs);
  const { teacher, scratch, distilled } = mean.results;
  const single = /** @type {import('./lab.mjs').Trained} */ (members[0]);
  return {
    budget: { examples, memberEpochs, studentEpochs: epochs, temperature },
    members: members.map(({ results }) => scores(results.distilled)),
    ensemble: scores(teacher),
    students: {
      scratch: scores(scratch),
      'kd from one member': scores(one.results.distilled),
      'kd from the mean of five': scores(distilled),
      'ensemble-kd from the five': scores(five.results.distilled),
    },
    cost: {
      ensemble: { parameters: teacher?.cost.parameters, macs: teacher?.cost.macs },
      member: { parameters: single.results.distilled.cost.parameters, ...(await lab.time(single.model)) },
      student: { parameters: distilled.cost.parameters, macs: distilled.cost.macs, ...(await lab.time(mean.model)) },
    },
  };
}
