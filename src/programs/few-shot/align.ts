import { planBatches } from '../../data/batches.ts';
import { type Dataset, exampleShape } from '../../data/dataset.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { buildModel } from '../../models/build.ts';
import type { Model } from '../../models/define.ts';
import { absorbed, type Mixable, mixableLayers } from '../../models/shrink/mixable.ts';
import { openMoments } from '../../models/shrink/moments.ts';
import { encode } from '../../onnx/encode.ts';
import type { Lower } from '../../run/lowering.ts';
import type { Runtime, Session } from '../../runtime/port.ts';

/** A model with its weights, built alike on both sides. */
export interface Side {
  readonly model: Model;
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface Aligning {
  readonly student: Side;
  readonly teacher: Side;
  /** Channels of the teacher that those of a layer of the student stand for. */
  readonly kept: (weight: string, axis: number) => readonly number[];
  /** From the view to what both models want. */
  readonly preprocess: (view: Value) => Value;
  readonly examples: Dataset;
  /** Pull towards leaving a layer as it is, in mean variances of its outputs. */
  readonly ridge: number;
  /** Whether the layer that answers is aligned too. */
  readonly head: boolean;
  /** Layers of the teacher by layers of the student, where their names differ. */
  readonly layers: Readonly<Record<string, string>>;
  readonly runtime: Runtime;
  readonly lower: Lower;
}

/** What was found for a layer: the share of the variance of the teacher's answer that the student misses. */
export interface AlignedLayer {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

const batchSize = 64;
const outputName = (layer: string): string => `layer/${layer}`;
const otherName = (layer: string): string => `other/${layer}`;

/**
 * FSKD (Li et al. 2020, arXiv 1812.01839): behind each layer of the student a 1×1 convolution that brings its answer to the teacher's,
 * by least squares, which is then taken into the layer; one after another, so that each layer sees what those before it give by then.
 * Where a layer is added to a shortcut, the sums are compared, and the shortcut is left as it is.
 *
 * @returns the student's weights, and how far off each layer was before and after.
 */
export async function align(
  aligning: Aligning,
): Promise<{ readonly weights: Map<string, Tensor>; readonly layers: readonly AlignedLayer[] }> {
  const { student, teacher, examples, runtime, kept, layers } = aligning;
  const ours = await opened(student.model, aligning);
  const theirs = await opened(teacher.model, aligning);
  const weights = new Map(student.weights);
  const found: AlignedLayer[] = [];
  try {
    for (const layer of ours.layers) {
      const target = theirs.layers.find((l) => l.name === (layers[layer.name] ?? layer.name));
      if (!target || (layer.last && !aligning.head)) continue;
      const places = kept(layer.weight, layer.axis);
      const moments = openMoments(places.length);
      for (const batch of planBatches(examples, { batchSize }).epoch(0)) {
        const shape = [batch.size, ...exampleShape(examples.example, batch.length)];
        const [view, again] = [batch.x.slice(0, sizeOf(shape)), batch.x.slice(0, sizeOf(shape))];
        const [x, other] = await ours.ask(view, shape, weights, layer);
        const [z, beside] = await theirs.ask(again, shape, teacher.weights, target);
        const y = channelsAt(beside ? plus(z, beside, 1) : z, places);
        moments.add(x.data as Float32Array, (other ? plus({ ...x, data: y }, other, -1).data : y) as Float32Array, batch.size);
      }
      const alignment = moments.fit(aligning.ridge);
      for (const [name, tensor] of absorbed(layer, (name) => weights.get(name)!, alignment)) weights.set(name, tensor);
      found.push({ name: layer.name, ...alignment.error });
    }
  } finally {
    await ours.session.release();
    await theirs.session.release();
  }
  return { weights, layers: found };

  async function opened(model: Model, { preprocess, lower }: Aligning): Promise<Opened> {
    const graph = new Graph();
    const view = graph.input('view', { dtype: 'float32', shape: ['N', ...examples.example.shape] });
    const built = buildModel(model, graph, preprocess(view), { training: false, source: 'inputs' });
    const found = mixableLayers(built).map((layer) => ({ ...layer, last: layer.output === built.logits }));
    for (const { name, output, sum } of found) {
      graph.output(outputName(name), output);
      if (sum) graph.output(otherName(name), sum.other);
    }
    const session = await runtime.open(encode(await lower(graph)));
    const names = [...built.params, ...built.buffers].map((p) => p.name);
    return {
      session,
      layers: found,
      async ask(view, shape, weights, { name, sum }) {
        const tensors = names.map((n) => [n, copied(weights.get(n)!)] as const);
        const outputs = [outputName(name), ...(sum ? [otherName(name)] : [])];
        const given = await session.run(
          { view: { dtype: 'float32', shape, data: view }, ...Object.fromEntries(tensors) },
          outputs,
        );
        return [given[outputName(name)]!, given[otherName(name)]];
      },
    };
  }
}

interface Opened {
  readonly session: Session;
  readonly layers: readonly (Mixable & { readonly last: boolean })[];
  /** What a layer gives, and what is added to it. */
  ask(
    view: Float32Array,
    shape: readonly number[],
    weights: ReadonlyMap<string, Tensor>,
    layer: Mixable,
  ): Promise<readonly [Tensor, Tensor | undefined]>;
}

const copied = (t: Tensor): Tensor => ({ ...t, data: t.data.slice() }) as Tensor;

const plus = (a: Tensor, b: Tensor, factor: number): Tensor => {
  const [to, from] = [(a.data as Float32Array).slice(), b.data as Float32Array];
  for (let i = 0; i < to.length; i++) to[i]! += factor * from[i]!;
  return { ...a, data: to } as Tensor;
};

/** Some channels of [N, C, …]. */
function channelsAt({ data, shape }: Tensor, places: readonly number[]): Float32Array {
  const [n, c] = shape as readonly [number, number];
  const inner = data.length / (n * c);
  const out = new Float32Array(n * places.length * inner);
  for (let i = 0; i < n; i++) {
    places.forEach((place, p) => {
      const start = (i * c + place) * inner;
      out.set((data as Float32Array).subarray(start, start + inner), (i * places.length + p) * inner);
    });
  }
  return out;
}
