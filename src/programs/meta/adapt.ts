import { Graph } from '../../graph/graph.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { encode } from '../../onnx/encode.ts';
import type { Lower } from '../../run/lowering.ts';
import type { Runtime } from '../../runtime/port.ts';
import { adapted, forward, type Inner, supportLoss } from '../unrolled/inner.ts';
import { drawEpisode, type EpisodeSizes, type Pool, writeExamples } from './episodes.ts';
import { inputs, paramInputs, type StudentSpec, supportInputs } from './meta-step.ts';

export interface Tasks {
  readonly classes: readonly number[];
  /** Where support is drawn, with the teacher's logits, and where the query. */
  readonly from: Pool;
  readonly judged: Pool;
  readonly count: number;
  readonly key: { readonly seed: number; readonly purpose: string };
}

/** A student that adapts to tasks of one size, open in the engine. */
export interface Adapter {
  /** Mean accuracy on the queries of some tasks after adaptation from these weights. */
  accuracy(start: ReadonlyMap<string, Tensor>, rate: number, tasks: Tasks): Promise<number>;
  close(): Promise<void>;
}

const rateInput = 'rate';

/** Builds adaptation as one graph: the steps on the support, and what is then said of the query. */
export async function openAdapter(
  spec: StudentSpec,
  { sizes, inner }: { readonly sizes: EpisodeSizes; readonly inner: Inner },
  { runtime, lower }: { readonly runtime: Runtime; readonly lower: Lower },
): Promise<Adapter> {
  const graph = new Graph();
  const params = paramInputs(graph, spec.tensors);
  const support = supportInputs(graph, spec, sizes);
  const rate = graph.input(rateInput, { dtype: 'float32', shape: [] });
  const rows = sizes.ways * sizes.queries;
  const x = spec.preprocess(graph.input(inputs.query.view, { dtype: 'float32', shape: [rows, ...spec.view] }));
  const after = adapted(params, (p) => supportLoss(forward(graph, spec.model, p, support.x), support, inner), {
    steps: inner.steps,
    rate,
    secondOrder: false,
  });
  graph.output('logits', forward(graph, spec.model, after, x));
  const session = await runtime.open(encode(await lower(graph)));
  return {
    async accuracy(start, rate, { classes, from, judged, count, key }) {
      let right = 0;
      for (let step = 0; step < count; step++) {
        const episode = drawEpisode({ classes, from, judged }, sizes, { ...key, step });
        const room = (shape: readonly number[]) => ({ dtype: 'float32' as const, shape, data: new Float32Array(sizeOf(shape)) });
        const n = sizes.ways * sizes.shots;
        const [view, target, teacher] = [room([n, ...spec.view]), room([n, sizes.ways]), room([n, sizes.ways])];
        const [queries, answers] = [room([rows, ...spec.view]), room([rows, sizes.ways])];
        writeExamples(from, episode.support, episode.classes, { view: view.data, target: target.data, teacher: teacher.data });
        writeExamples(judged, episode.query, episode.classes, { view: queries.data, target: answers.data });
        const weights = [...start].map(([name, t]) => [name, { ...t, data: t.data.slice() } as Tensor] as const);
        const { logits } = await session.run({
          ...Object.fromEntries(weights),
          [inputs.support.view]: view,
          [inputs.support.target]: target,
          [inputs.support.teacher]: teacher,
          [inputs.query.view]: queries,
          [rateInput]: { dtype: 'float32', shape: [], data: Float32Array.of(rate) },
        });
        right += hits(logits!.data as Float32Array, answers.data, sizes.ways);
      }
      return right / (count * rows);
    },
    close: () => session.release(),
  };
}

/** Rows whose largest logit is that of the class. */
function hits(logits: Float32Array, target: Float32Array, ways: number): number {
  let right = 0;
  for (let from = 0; from < logits.length; from += ways) {
    const row = logits.subarray(from, from + ways);
    if (target[from + row.indexOf(Math.max(...row))] === 1) right++;
  }
  return right;
}
