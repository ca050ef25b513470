import type { RecipeInput } from '../recipe/recipe.ts';

/** What `potstill demo` runs: a teacher of its own and a small student on generated pictures, in about two minutes on two cores. */
export const demoRecipe: RecipeInput = {
  name: 'demo',
  data: { kind: 'glyphs' },
  teacher: {
    kind: 'train',
    model: { kind: 'resnet', depth: 8 },
    training: { epochs: 8, optimizer: { kind: 'adamw', learningRate: 0.003 } },
  },
  student: { model: { kind: 'cnn' } },
  objective: { alpha: 0.9, temperature: 4 },
  training: { epochs: 10, optimizer: { kind: 'adamw', learningRate: 0.003 } },
};
