import type { Dataset, ExampleType } from '../data/dataset.ts';
import { type Preprocess, preprocessedShape, preprocessSchema } from '../data/preprocess.ts';
import { statistics } from '../data/statistics.ts';
import type { Value } from '../graph/graph.ts';
import { preprocessGraph } from '../models/preprocess.ts';

/** How one model gets its input from the view that all models share. */
export interface InputSpec {
  readonly spec: Preprocess;
  /** Shape of one example as the model gets it. */
  readonly shape: readonly number[];
  readonly graph: (view: Value) => Value;
}

/** The way a recipe gives, or, for pictures without one, standardisation by the training data. Throws DataError. */
export function inputOf(given: Preprocess | undefined, train: Dataset): InputSpec {
  const spec = given ?? defaults[train.example.layout](train);
  return { spec, shape: preprocessedShape(spec, train.example), graph: (view) => preprocessGraph(view, spec) };
}

/** Vectors come standardised by their source, texts as ids. */
const defaults: Readonly<Record<ExampleType['layout'], (train: Dataset) => Preprocess>> = {
  vector: () => preprocessSchema.parse({}),
  tokens: () => preprocessSchema.parse({}),
  image: (train) => {
    const { mean, std } = statistics(train);
    const round = (v: number): number => Number(v.toPrecision(4));
    return preprocessSchema.parse({ mean: mean.map(round), std: std.map((s) => Math.max(round(s), 1e-3)) });
  },
};
