import { buildModel, countParameters, tapsOf } from '../../models/build.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import { isGuessed, withGuesses } from '../../models/tokens.ts';
import type { InputSpec } from '../input.ts';
import type { Tensors } from '../store.ts';
import type { TeacherPart } from './define.ts';

/** A model with its weights. */
export interface Built {
  readonly model: Model;
  /** Sizes of the data as the model sees it. */
  readonly shape: ModelShape;
  readonly input: Pick<InputSpec, 'graph'>;
  readonly weights: Tensors;
  /** Its weights before it forgot how to guess hidden tokens; null where it never learnt. */
  readonly guessing?: Tensors | null;
}

/** A trained model as the part of a graph that a teacher is. */
export function builtPart({ model, shape, input, weights, guessing = null }: Built): TeacherPart {
  const guesses = guessing && tapsOf(model, { ...shape, input: withGuesses(shape.input) });
  const weightsFor: NonNullable<TeacherPart['weights']> = (view) => (guesses && isGuessed(view) ? guessing! : weights);
  return {
    name: model.name,
    offer: tapsOf(model, shape),
    ...(guesses && { guesses }),
    fixedBatch: false,
    weights: weightsFor,
    async build(graph, view, taps) {
      const x = input.graph(view);
      await model.prepare?.(x.shape);
      const built = buildModel(model, graph, x, { training: false, source: new Map(Object.entries(weightsFor(view.shape))) });
      return new Map(taps.map((tap) => [tap, built.taps.get(tap)!]));
    },
    vocabulary: model.vocabulary,
    parameters: countParameters(model, shape),
    size: Object.values(weights).reduce((n, t) => n + t.data.byteLength, 0),
    members: 1,
    bestEpoch: null,
    seconds: 0,
  };
}
