import { type Dataset, exampleSize } from '../../data/dataset.ts';
import type { Random } from '../../data/random.ts';
import type { ObjectiveOptions } from '../../methods/combine.ts';
import type { Offer } from '../../methods/define.ts';
import { sizesOf, tapsOf } from '../../models/build.ts';
import { checkLessons } from '../../run/lessons.ts';
import type { Workplace } from '../../run/workplace.ts';
import { inputsOf } from '../../synthesis/inputs/list.ts';
import type { SettledMethod } from '../../synthesis/methods/settled.ts';
import type { Workshop } from '../define.ts';
import type { Subject } from './host.ts';
import type { Lab } from './lab.ts';
import type { Moments } from './moments.ts';
import type { DataFreeOptions } from './options.ts';
import { openSampler, type Sampler } from './sampler.ts';
import { buildSynthesisStep, type SynthesisStep } from './synthesis-step.ts';

/** A method about to be followed with one seed. */
export interface Setup {
  readonly o: DataFreeOptions;
  readonly method: SettledMethod;
  readonly lab: Lab;
  readonly place: Workplace;
  readonly seed: number;
  readonly subject: Subject;
  /** What the student learns. */
  readonly objective: ObjectiveOptions;
  readonly offer: Offer;
  /** Null where there is nothing to learn: noise. */
  readonly synthesis: SynthesisStep | null;
  readonly sampler: Sampler;
  readonly moments: Moments;
}

/** Builds what is the same whether the student learns on the way or afterwards. @throws SynthesisError, MismatchError where a part does not fit. */
export async function setUp(
  o: DataFreeOptions,
  method: SettledMethod,
  lab: Lab,
  { recipe: given }: Pick<Workshop, 'recipe'>,
  place: Workplace,
  seed: number,
  moments: Moments,
): Promise<Setup> {
  const { synthesis } = method;
  const { model, shape, student, recipe, shared, task } = place;
  const subject = { ...lab.subject, batchSize: synthesis.batchSize };
  // The nearer word counts: of the method in the recipe, of the recipe for all methods, of the paper.
  const forAll = given.losses || given.objective ? recipe.losses : null;
  const losses = method.ownLosses ? method.losses : (forAll ?? method.losses);
  const objective = { losses, repairs: recipe.repairs };
  const offer: Offer = { student: tapsOf(model, shape), teacher: lab.teacher.offer };
  checkLessons([{ name: '', path: 'losses', objective, training: recipe.training, augment: [] }], {
    teacher: lab.teacher.name,
    offerOf: () => offer,
    task,
  });
  const { real, teacher, metadata } = lab;
  const step = inputsOf(synthesis.inputs.kind).learns
    ? await buildSynthesisStep({
        ...subject,
        inputs: synthesis.inputs,
        priors: synthesis.priors,
        optimizer: synthesis.optimizer,
        steps: synthesis.steps,
        rounds: synthesis.rounds,
        teacher,
        student: { model, preprocess: student.graph, sizes: sizesOf(model, shape), inputOf: (name) => name },
        metadata,
        real: real && ((into, draws) => fillFrom(real, into, draws)),
      })
    : null;
  const sampler = await openSampler({ ...subject, inputs: synthesis.inputs, teacher }, shared);
  return { o, method, lab, place, seed, subject, objective, offer, synthesis: step, sampler, moments };
}

/** Drawn examples of a set, with repetition. */
function fillFrom(set: Dataset, into: Float32Array, draws: Random): void {
  const width = exampleSize(set);
  for (let at = 0; at < into.length; at += width) set.read(draws.integer(set.size), into, at);
}
