import { sizeOf, type Tensor } from '../../graph/type.ts';
import { encodeRepeated, repeated } from '../../onnx/repeat.ts';
import type { Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import type { StatefulSession } from '../../runtime/port.ts';
import type { UnrolledStep } from './step.ts';

/** Memory for an input in all steps of a call, one after another along the first axis. */
export type Room = (input: string, shape: readonly number[]) => Float32Array;

/** What makes the steps. */
export interface Engine {
  /** Takes `count` steps from `first` on: a function of the state, the seed and the step. @returns the loss of each. */
  run(first: number, count: number): Promise<Float32Array>;
  read(): Promise<Tensors>;
  /** Whatever is kept beside the state is on disk when this returns: called before a checkpoint. */
  settle?(): Promise<void>;
  release(): Promise<void>;
}

/** Writes what steps `first` to `first + count − 1` are fed, but for scalars: a function of the seed and the step. */
export type Feeding = (first: number, count: number, room: Room) => void;

/** An engine of one graph: all steps are of one kind. */
export const oneGraph =
  (
    step: UnrolledStep,
    fill: Feeding,
    { runtime, lower }: Pick<TrainContext, 'runtime' | 'lower'>,
  ): ((state: Tensors) => Promise<Engine>) =>
  async (state) => {
    const session = await runtime.openStateful(
      encodeRepeated(await lower(step.graph), step.links),
      step.links.map(({ input }) => ({ input: repeated.before(input), output: repeated.after(input) })),
      Object.fromEntries(Object.entries(state).map(([n, t]) => [repeated.before(n), t])),
    );
    return {
      async run(first, count) {
        const outputs = await session.run(feeds(step, fill, first, count));
        return outputs[repeated.all('loss')]!.data as Float32Array;
      },
      read: () => stateOf(session),
      release: () => session.release(),
    };
  };

/** A copy of the state of a graph that is repeated, by its own names. */
export async function stateOf(session: StatefulSession): Promise<Tensors> {
  const prefix = repeated.before('').length;
  return Object.fromEntries(Object.entries(await session.readState()).map(([n, t]) => [n.slice(prefix), t]));
}

/** What a graph that is repeated is fed for steps `first` to `first + count − 1`. */
export function feeds(
  step: Pick<UnrolledStep, 'scalars'>,
  fill: Feeding,
  first: number,
  count: number,
): Readonly<Record<string, Tensor>> {
  const rooms = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  const room: Room = (input, shape) => {
    const made = { shape: [count, ...shape], data: new Float32Array(count * sizeOf(shape)) };
    rooms.set(input, made);
    return made.data;
  };
  fill(first, count, room);
  for (const { name, at } of step.scalars) {
    const values = room(name, []);
    for (let i = 0; i < count; i++) values[i] = at(first + i);
  }
  return {
    ...Object.fromEntries([...rooms].map(([input, t]) => [repeated.each(input), { dtype: 'float32', ...t } satisfies Tensor])),
    [repeated.times]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
  };
}
