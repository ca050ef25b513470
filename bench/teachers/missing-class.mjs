// @ts-check
// Hinton et al. 2015, section 3: a student that never saw a 3 knows threes from its teacher.
import { bestBias, labelsOf, mistakesWith, placesWithout } from './changed.mjs';
import { bare } from './fashion.mjs';
import { potstill, root } from './lab.mjs';

const missing = 3;
const seeds = [1, 2, 3];
const [teacherEpochs, epochs, temperature] = [5, 5, 20];
const biases = Array.from({ length: 201 }, (_, i) => i / 10);

/** @param {import('./lab.mjs').Lab} lab @param {number} [limit] */
export async function missingClass(lab, limit) {
  const data = {
    kind: /** @type {const} */ ('idx'),
    path: 'data/mnist',
    validation: limit ?? 5000,
    ...(limit !== undefined && { limit, test: limit }),
  };
  /** @type {import('./lab.mjs').Training['recipe']} */
  const large = {
    ...bare,
    name: 'mnist-teacher',
    data,
    student: { model: { kind: 'mlp', hidden: [1200, 1200], dropout: 0.2 }, preprocess: {} },
    losses: [{ kind: 'labels' }],
    training: {
      epochs: teacherEpochs,
      batchSize: 128,
      optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, maxNorm: 3.5, schedule: { kind: 'cosine' } },
      augment: [{ kind: 'shift', pixels: 2 }],
    },
  };
  const { train, validation, test } = await potstill.openData(potstill.parseRecipe(large).data, { folder: root });
  const [teacher] = /** @type {readonly [import('./lab.mjs').Trained]} */ (await lab.train([{ recipe: large }]));
  const sets = { all: train, without: potstill.subset(train, placesWithout(labelsOf(train), missing)) };
  const trainings = Object.entries(sets).flatMap(([name, set]) =>
    seeds.map((seed) => ({
      recipe: {
        ...bare,
        name: `mnist-${name}-${seed}`,
        // The last epoch counts: no choice on pictures of the missing class.
        data: { kind: /** @type {const} */ ('arrays'), name: `${set.size} digits`, validation: /** @type {const} */ (0) },
        teacher: {
          kind: /** @type {const} */ ('onnx'),
          model: teacher.model,
          preprocess: { channels: /** @type {const} */ ('repeat') },
        },
        student: { model: { kind: /** @type {const} */ ('mlp'), hidden: [800, 800] }, preprocess: {} },
        losses: [{ kind: /** @type {const} */ ('kd'), temperature, weight: 1 }],
        training: {
          epochs,
          batchSize: 128,
          optimizer: { kind: /** @type {const} */ ('sgd'), learningRate: 0.05, momentum: 0.9 },
        },
        seeds: [seed],
      },
      supplied: { [`${set.size} digits`]: potstill.plainSource(set, test) },
    })),
  );
  const trained = await lab.train(trainings);
  const labels = { validation: labelsOf(validation), test: labelsOf(test) };
  const judged = [];
  for (const { model } of trained) {
    const [onValidation, onTest] = [await lab.ask(model, validation), await lab.ask(model, test)];
    const bias = bestBias(onValidation, labels.validation, missing, biases);
    judged.push({
      before: mistakesWith(onTest, labels.test, missing, 0),
      bias,
      after: mistakesWith(onTest, labels.test, missing, bias),
    });
  }
  const byTeacher = mistakesWith(await lab.ask(teacher.model, test), labels.test, missing, 0);
  return {
    budget: { examples: sets.all.size, without: sets.without.size, teacherEpochs, studentEpochs: epochs, temperature },
    test: { all: test.size, own: labels.test.filter((l) => l === missing).length },
    teacher: byTeacher,
    all: judged.slice(0, seeds.length).map(({ before }) => before),
    without: judged.slice(seeds.length),
  };
}
