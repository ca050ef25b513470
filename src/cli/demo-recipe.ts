import type { RecipeInput } from '../recipe/recipe.ts';

/**
 * What `potstill demo` runs: few labels and many pictures without one, a convolutional teacher of its own, and a student that needs a
 * hundredth of its arithmetic, three times over, in well under two minutes on two cores.
 */
export const demoRecipe: RecipeInput = {
  name: 'demo',
  data: { kind: 'glyphs', size: 9000, labelled: 0.3, test: 1000, validation: 400 },
  teacher: {
    kind: 'train',
    model: { kind: 'resnet', depth: 8 },
    training: { epochs: 6, batchSize: 128, optimizer: { kind: 'adamw', learningRate: 0.004 }, augment: [{ kind: 'affine' }] },
  },
  student: { model: { kind: 'mlp', hidden: [48] } },
  objective: { alpha: 0.9, temperature: 4 },
  training: { epochs: 15, batchSize: 64, optimizer: { kind: 'adamw', learningRate: 0.003 } },
  seeds: 3,
};
