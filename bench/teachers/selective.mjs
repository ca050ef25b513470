// @ts-check
// Three teachers, one of which learnt half of the classes from wrong labels: what each way to weight them makes of that.
import { brokenLabels, labelsOf, relabelled } from './changed.mjs';
import { bare, examples, fashionData, member, memberEpochs, studentTraining, taught } from './fashion.mjs';
import { potstill, random, root, scores } from './lab.mjs';

const epochs = 5;
const temperature = 2;
/** The classes whose labels are wrong for the third teacher: sandal, shirt, sneaker, bag, boot. */
const broken = [5, 6, 7, 8, 9];

// The student learns from its teachers alone, so that labels do not mend what the teachers spoil.
const kd = { kind: /** @type {const} */ ('kd'), temperature };
const ensembleKd = { kind: /** @type {const} */ ('ensemble-kd'), temperature };
/** The good teachers come first. @typedef {{ readonly teachers?: number, readonly weights?: 'validation', readonly loss: import('./lab.mjs').Recipe['losses'] }} Arm */
/** @type {Readonly<Record<string, Arm>>} */
const arms = {
  'plain mean': { loss: [ensembleKd] },
  confidence: { loss: [{ ...ensembleKd, weights: { by: 'confidence' } }] },
  agreement: { loss: [{ ...ensembleKd, weights: { by: 'agreement' } }] },
  learned: { loss: [{ ...ensembleKd, weights: { by: 'learned' } }] },
  'dropWorst 1': { loss: [{ ...ensembleKd, dropWorst: 1 }] },
  validation: { weights: 'validation', loss: [kd] },
  'the two good teachers': { teachers: 2, loss: [ensembleKd] },
};

/**
 * @param {keyof typeof import('./changed.mjs').mistakes} how How the labels of the third teacher are wrong.
 * @returns {(lab: import('./lab.mjs').Lab, limit?: number) => Promise<object>}
 */
export const selective = (how) => async (lab, limit) => {
  const data = fashionData(limit);
  const { data: options } = potstill.parseRecipe(member('data', 1, data));
  const { train, test } = await potstill.openData(options, { folder: root });
  const labels = brokenLabels(labelsOf(train), broken, train.classes?.length ?? 0, how, random(0, `broken/${how}`).integer);
  const spoilt = `labels wrong at ${how}`;
  const teachers = await lab.train([
    { recipe: member('member-1', 1, data) },
    { recipe: member('member-2', 2, data) },
    {
      recipe: member(`broken-${how}-of-${train.size}`, 3, { kind: 'arrays', name: spoilt, validation: 0 }),
      supplied: { [spoilt]: potstill.plainSource(relabelled(train, labels), test) },
    },
  ]);
  const all = teachers.map(taught);
  const runs = await lab.train(
    Object.entries(arms).map(([name, { teachers: count = all.length, weights = /** @type {const} */ ('equal'), loss }]) => ({
      recipe: {
        ...bare,
        name: `${how}-${name.replaceAll(' ', '-')}`,
        data,
        teacher: { kind: /** @type {const} */ ('ensemble'), members: all.slice(0, count), weights },
        student: { model: { kind: /** @type {const} */ ('cnn'), channels: [8, 16, 32] } },
        losses: loss,
        training: studentTraining(epochs),
        seeds: 3,
      },
    })),
  );
  return {
    budget: { examples, memberEpochs, studentEpochs: epochs, temperature },
    teachers: teachers.map(({ results }) => scores(results.distilled)),
    arms: Object.fromEntries(
      Object.keys(arms).map((name, a) => {
        const { teacher, distilled } = /** @type {import('./lab.mjs').Trained} */ (runs[a]).results;
        return [name, { teacher: scores(teacher), student: scores(distilled) }];
      }),
    ),
  };
};
