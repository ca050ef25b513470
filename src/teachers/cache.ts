import { type Shape, sizeOf, type Tensor } from '../graph/type.ts';
import type { Teacher } from './define.ts';

/** What a teacher said of every example of a set, by output name: [size, …]. */
export type Recorded = Readonly<Record<string, Tensor>>;

/** A teacher that has already been asked: answers come from memory, by the index of the example. */
export function cachedTeacher(recorded: Recorded): Teacher {
  const outputs = new Map<string, Shape>(Object.entries(recorded).map(([name, t]) => [name, t.shape.slice(1)]));
  return {
    outputs,
    answer: async ({ view, indices, count }) => ({
      view,
      tensors: Object.fromEntries(
        Object.entries(recorded).map(([name, { shape, data }]) => {
          const width = sizeOf(shape.slice(1));
          const rows = new Float32Array(count * width);
          for (let r = 0; r < count; r++) {
            const from = indices[r]! * width;
            rows.set((data as Float32Array).subarray(from, from + width), r * width);
          }
          return [name, { dtype: 'float32', shape: [count, ...shape.slice(1)], data: rows } satisfies Tensor];
        }),
      ),
    }),
  };
}
