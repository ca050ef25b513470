import { type Shape, sizeOf, staticShape, type Tensor } from '../graph/type.ts';
import { atLength, lengthDim } from '../models/tokens.ts';
import type { Session } from '../runtime/port.ts';
import type { Teacher } from './define.ts';

export interface SessionTeacherOptions {
  readonly session: Session;
  /** Name of the input that takes the view. */
  readonly input: string;
  /** Shape of one example of the view; `L` stands for the number of tokens in a row. */
  readonly example: Shape;
  readonly outputs: ReadonlyMap<string, Shape>;
  /** Examples at a time: what the model insists on, or null where it takes any number. */
  readonly batch: number | null;
}

/** More than this of a view at once makes activations large and nothing faster. */
const partBytes = 4 << 20;
/** A number of a text becomes a vector: it weighs so many times as much as one of a picture. */
const tokenWeight = 512;

/** A teacher that runs as an ONNX model, its preprocessing in front of it. A large question is put in parts. */
export function sessionTeacher({ session, input, example, outputs, batch }: SessionTeacherOptions): Teacher {
  const names = [...outputs.keys()];
  const weight = example.includes(lengthDim) ? tokenWeight : 1;
  const ask = async (view: Float32Array, count: number, each: readonly number[]) => {
    const feed: { dtype: 'float32'; shape: number[]; data: Tensor['data'] } = {
      dtype: 'float32',
      shape: [count, ...each],
      data: view,
    };
    const tensors = await session.run({ [input]: feed }, names);
    return { tensors, view: feed.data as Float32Array };
  };
  return {
    outputs,
    async answer({ view, count, length }) {
      const each = staticShape(atLength(example, length));
      const width = sizeOf(each);
      const most = batch ?? Math.max(1, Math.floor(partBytes / (4 * width * weight)));
      if (batch !== null && count % batch !== 0)
        throw new Error(`internal: ${count} examples for a teacher of ${batch} at a time`);
      if (count <= most) return ask(view, count, each);
      const parts: Readonly<Record<string, Tensor>>[] = [];
      for (let at = 0; at < count; at += most) {
        const size = Math.min(most, count - at);
        parts.push((await ask(view.slice(at * width, (at + size) * width), size, each)).tensors);
      }
      return { view, tensors: Object.fromEntries(names.map((name) => [name, stacked(parts.map((p) => p[name]!))])) };
    },
  };
}

/** Parts one behind the other. */
function stacked(parts: readonly Tensor[]): Tensor {
  const data = new Float32Array(parts.reduce((n, p) => n + p.data.length, 0));
  let at = 0;
  for (const p of parts) {
    data.set(p.data as Float32Array, at);
    at += p.data.length;
  }
  return { dtype: 'float32', shape: [parts.reduce((n, p) => n + p.shape[0]!, 0), ...parts[0]!.shape.slice(1)], data };
}
