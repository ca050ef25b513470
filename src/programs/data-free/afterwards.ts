import { prepareAugmentations } from '../../data/augmentations.ts';
import { openAnswers } from '../../run/answering.ts';
import { train } from '../../run/train.ts';
import { trainUnrolled } from '../unrolled/loop.ts';
import { type Gathering, heldRounds, openGathering, openInto, roundsOf } from './gathering.ts';
import { keepGathered } from './moments.ts';
import type { Learnt, Measuring } from './on-the-way.ts';
import { probeIn } from './probe.ts';
import { startOf } from './rounds.ts';
import type { Setup } from './setup.ts';

/** Gathers examples, then trains the student on them by the ordinary loop: any losses, augmentations, schedules. */
export async function learnAfterwards(setup: Setup, measure: Measuring): Promise<Learnt> {
  const { lab, place, seed, offer, objective } = setup;
  const { recipe, shared, model, student } = place;
  const { memory, held, seconds } = await gather(setup);
  const set = memory.memory.dataset();
  await keepGathered(setup.moments, set, { ...setup.subject, rounds: setup.method.synthesis.rounds }, place, lab);
  const fresh = await probeIn(held.memory.dataset(), lab, place);
  const augment = prepareAugmentations(recipe.training.augment, set);
  const lesson = { name: '', path: 'losses', objective, training: recipe.training, augment };
  const answers = openAnswers(lab.opened, () => offer, {
    recipe,
    runtime: shared.runtime,
    store: shared.store,
    train: set,
    emit: shared.emit,
    note: place.note,
  });
  try {
    const trained = await train(
      {
        role: 'distilled',
        seed,
        model,
        input: student.shape,
        preprocess: student.graph,
        objective,
        balance: recipe.balance === 'gradient',
        training: recipe.training,
        augment,
        teacher: (await answers.to(lesson))?.source ?? null,
        offer: offer.teacher,
        // The last epoch counts: agreement on made-up examples is soon complete, and says nothing of what comes after.
        stage: { name: '', passesOn: true, from: null, epochs: 0, steps: 0 },
      },
      {
        ...shared,
        train: set,
        headline: { name: 'agreement', higherIsBetter: true },
        validate: (_, weights) => measure(weights, fresh),
      },
    );
    return { weights: trained.weights, fresh, seconds: seconds + trained.seconds };
  } finally {
    await answers.close();
  }
}

/** Works through the rounds of a synthesiser alone. */
async function gather(setup: Setup): Promise<Gathering & { readonly seconds: number }> {
  const { o, method, place, seed, subject } = setup;
  const { synthesis } = method;
  const { shared } = place;
  let gathering: Gathering | null = null;
  const rounds = roundsOf(setup, null);
  const { weights, slots } = startOf(rounds);
  const steps = synthesis.rounds + heldRounds(setup);
  const { seconds } = await trainUnrolled(
    {
      name: `synthesis-${seed}`,
      model: method.title,
      seed,
      start: new Map(Object.entries(weights)),
      slots: new Map(Object.entries(slots)),
      steps,
      perCall: 1,
      perEpoch: Math.ceil(steps / o.measurements),
      examples: subject.batchSize,
      term: 'loss',
      learningRate: () => 0,
      async open(state, round) {
        gathering = await openGathering(setup, round);
        return openInto(gathering, setup, rounds, state);
      },
    },
    shared,
  );
  return { ...(gathering ?? (await openGathering(setup))), seconds };
}
