import type { Tensor } from '../../graph/type.ts';
import type { Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import { oneGraph, type Room } from '../unrolled/engine.ts';
import { trainUnrolled } from '../unrolled/loop.ts';
import type { UnrolledStep } from '../unrolled/step.ts';
import { drawEpisode, type EpisodeSizes, type Pool, writeExamples } from './episodes.ts';
import { inputs } from './meta-step.ts';

export interface MetaTraining {
  /** Of the training, unique in its part. */
  readonly name: string;
  /** What is trained, for people. */
  readonly model: string;
  readonly seed: number;
  readonly step: UnrolledStep;
  readonly start: ReadonlyMap<string, Tensor>;
  readonly pool: Pool;
  readonly classes: readonly number[];
  readonly sizes: EpisodeSizes;
  readonly episodes: number;
}

/** Episodes in a call of the engine, and between checkpoints. */
const perCall = 8;
const perCheckpoint = 200;

/** Meta-learns the tensors that students start from. */
export async function trainMeta(
  { name, model, seed, step, start, pool, classes, sizes, episodes }: MetaTraining,
  context: Omit<TrainContext, 'validate'>,
): Promise<Tensors> {
  const { ways, shots, queries } = sizes;
  const example = pool.dataset.example.shape;
  const fill = (first: number, count: number, room: Room): void => {
    const support = {
      view: room(inputs.support.view, [ways * shots, ...example]),
      target: room(inputs.support.target, [ways * shots, ways]),
      teacher: room(inputs.support.teacher, [ways * shots, ways]),
    };
    const query = {
      view: room(inputs.query.view, [ways * queries, ...example]),
      target: room(inputs.query.target, [ways * queries, ways]),
    };
    for (let i = 0; i < count; i++) {
      const key = { seed, purpose: 'meta/episode', step: first + i };
      const episode = drawEpisode({ classes, from: pool, judged: pool }, sizes, key);
      writeExamples(pool, episode.support, episode.classes, support, i * ways * shots);
      writeExamples(pool, episode.query, episode.classes, query, i * ways * queries);
    }
  };
  const { weights } = await trainUnrolled(
    {
      name,
      model,
      seed,
      start,
      slots: step.slots,
      steps: episodes,
      perCall,
      perEpoch: perCheckpoint,
      examples: ways * (shots + queries),
      term: 'query loss',
      learningRate: step.learningRate,
      open: oneGraph(step, fill, context),
    },
    context,
  );
  return weights;
}

/** Whether the classes have enough examples for tasks of these sizes; gives the first that has not. */
export const tooFew = ({ byClass }: Pool, classes: readonly number[], needed: number): number | undefined =>
  classes.find((c) => byClass[c]!.length < needed);
