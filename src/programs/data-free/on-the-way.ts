import { addedRows, prepareAugmentations } from '../../data/augmentations.ts';
import { subset } from '../../data/dataset.ts';
import { MismatchError } from '../../run/error.ts';
import type { Tensors } from '../../run/store.ts';
import { inputsOf } from '../../synthesis/inputs/list.ts';
import { trainUnrolled } from '../unrolled/loop.ts';
import { type Gathering, heldRounds, openGathering, openInto, roundsOf } from './gathering.ts';
import { type Probe, probeIn, probeOf } from './probe.ts';
import { startOf } from './rounds.ts';
import type { Sample } from './sampler.ts';
import type { Setup } from './setup.ts';
import { buildStudentStep } from './student-step.ts';

/** What measures a student: made-up examples that it has not learnt from. */
export type Measuring = (weights: Tensors, probe: Probe) => Promise<Readonly<Record<string, number>>>;

/** A student that is trained, and examples that it did not learn from. */
export interface Learnt {
  readonly weights: Tensors;
  readonly fresh: Probe;
  readonly seconds: number;
}

/** Examples in a measurement on the way, and in that of the end, or as near to it as batches come. */
const few = 256;
const many = 1000;

/**
 * The student learns between the steps of the synthesiser, on examples made in the moment or out of the memory.
 * @throws MismatchError, DataError where its augmentations do not fit the examples.
 */
export async function learnOnTheWay(setup: Setup, measure: Measuring): Promise<Learnt> {
  const { o, method, lab, place, seed, subject, sampler } = setup;
  const { synthesis } = method;
  const { from, steps, optimizer, augment } = synthesis.student!;
  const { model, shape, student, recipe, shared } = place;
  const total = synthesis.rounds * steps;
  const step = await buildStudentStep({
    ...subject,
    source: from,
    inputs: synthesis.inputs,
    teacher: lab.teacher,
    classes: lab.splits.train.classes !== null,
    model,
    shape,
    preprocess: student.graph,
    objective: setup.objective,
    optimizer: optimizer ?? recipe.training.optimizer,
    steps: total,
    stepsPerEpoch: Math.ceil(total / o.measurements),
  });
  const gathers = from === 'memory';
  const { endless } = inputsOf(synthesis.inputs.kind);
  let gathering: Gathering | null = null;
  const changes = prepareAugmentations(augment, lab.splits.train);
  if (addedRows(changes) > 0) {
    throw new MismatchError(
      `${method.title}: found an augmentation that adds rows to texts in student.augment; expected ones that leave their size; take mask-tokens out`,
    );
  }
  const rounds = roundsOf(setup, { step, steps, from, augment: changes });
  const drawn = async (state: Tensors, count: number): Promise<Probe> => {
    const samples: Sample[] = [];
    for (let i = 0; i * subject.batchSize < count; i++)
      samples.push(await sampler.draw(state, { seed, purpose: 'probe', step: i }));
    return probeOf(samples, lab);
  };
  const newest = async (): Promise<Probe> => {
    const { memory } = gathering!.memory;
    const count = Math.min(few, memory.size);
    // A full memory goes round.
    const places = Uint32Array.from({ length: count }, (_, i) => (memory.seen - count + i) % memory.size);
    return probeIn(subset(memory.dataset(), places), lab, place);
  };
  const weightsIn = (state: Tensors): Tensors =>
    Object.fromEntries([...step.step.weights].map(([name, at]) => [name, state[at]!]));
  const perEpoch = Math.ceil(synthesis.rounds / o.measurements);
  const { weights: start, slots } = startOf(rounds);
  const learnt = await trainUnrolled(
    {
      name: `distilled-${seed}`,
      model: model.name,
      seed,
      parameters: step.step.parameters,
      start: new Map(Object.entries(start)),
      slots: new Map(Object.entries(slots)),
      steps: synthesis.rounds + (gathers ? heldRounds(setup) : 0),
      perCall: Math.max(1, Math.min(16, Math.floor(32 / (synthesis.steps + steps)))),
      perEpoch,
      examples: subject.batchSize * steps,
      term: 'loss',
      learningRate: (round) => step.step.learningRate(Math.min(round * steps, total - 1)),
      async open(state, round) {
        gathering = gathers ? await openGathering(setup, round) : null;
        return openInto(gathering, setup, rounds, state);
      },
      measure: async (state, epoch) => {
        const probe = endless ? await drawn(state, few) : await newest();
        const done = Math.min(epoch * perEpoch, synthesis.rounds);
        await setup.moments.keep(epoch, `after ${done} rounds`, async () => probe);
        return { value: null, metrics: { distilled: await measure(weightsIn(state), probe) } };
      },
    },
    shared,
  );
  const { seconds } = learnt;
  const weights = weightsIn(learnt.weights);
  if (!gathers) return { weights, fresh: await drawn(learnt.weights, many), seconds };
  gathering ??= await openGathering(setup);
  return { weights, fresh: await probeIn((gathering as Gathering).held.memory.dataset(), lab, place), seconds };
}
