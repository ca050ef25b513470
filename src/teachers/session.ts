import { type Shape, sizeOf, type Tensor } from '../graph/type.ts';
import type { Session } from '../runtime/port.ts';
import type { Teacher } from './define.ts';

export interface SessionTeacherOptions {
  readonly session: Session;
  /** Name of the input that takes the view. */
  readonly input: string;
  /** Shape of one example of the view. */
  readonly example: readonly number[];
  readonly outputs: ReadonlyMap<string, Shape>;
  /** The batch that the model insists on; null: any. A question is then put in parts, and its size is a multiple of this. */
  readonly batch: number | null;
}

/** A teacher that runs as an ONNX model, its preprocessing in front of it. */
export function sessionTeacher({ session, input, example, outputs, batch }: SessionTeacherOptions): Teacher {
  const names = [...outputs.keys()];
  const width = sizeOf(example);
  const ask = async (view: Float32Array, count: number) => {
    const feed: { dtype: 'float32'; shape: number[]; data: Tensor['data'] } = {
      dtype: 'float32',
      shape: [count, ...example],
      data: view,
    };
    const tensors = await session.run({ [input]: feed }, names);
    return { tensors, view: feed.data as Float32Array };
  };
  return {
    outputs,
    async answer({ view, count }) {
      if (batch === null || batch === count) return ask(view, count);
      if (count % batch !== 0) throw new Error(`internal: ${count} examples for a teacher that takes ${batch} at a time`);
      const parts: Readonly<Record<string, Tensor>>[] = [];
      for (let at = 0; at < count; at += batch) {
        parts.push((await ask(view.slice(at * width, (at + batch) * width), batch)).tensors);
      }
      return { view, tensors: Object.fromEntries(names.map((name) => [name, stacked(parts.map((p) => p[name]!))])) };
    },
  };
}

/** Batches one behind the other. */
function stacked(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  const data = new Float32Array(parts.reduce((n, p) => n + p.data.length, 0));
  let at = 0;
  for (const p of parts) {
    data.set(p.data as Float32Array, at);
    at += p.data.length;
  }
  return { dtype: 'float32', shape: [parts.length * first!.shape[0]!, ...first!.shape.slice(1)], data };
}
