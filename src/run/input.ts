import { answerSize, type Dataset, type ExampleType, type Spreads, vocabularyOf } from '../data/dataset.ts';
import { type Preprocess, preprocessedShape, preprocessSchema, settledPreprocess } from '../data/preprocess.ts';
import { statistics } from '../data/statistics.ts';
import type { Value } from '../graph/graph.ts';
import type { ModelShape } from '../models/define.ts';
import { preprocessGraph } from '../models/preprocess.ts';

/** How one model gets its input from the view that all models share. */
export interface InputSpec {
  readonly spec: Preprocess;
  /** Shape of one example as the model gets it. */
  readonly shape: readonly number[];
  readonly graph: (view: Value) => Value;
  /** Positions of the only columns of a table that it sees; absent: all. */
  readonly columns?: readonly number[] | undefined;
  /** The same for whoever has those columns alone. */
  readonly ownGraph: (own: Value) => Value;
}

/**
 * The way a recipe gives, or, without one, standardisation: by what the source says of such data, else for pictures by the training
 * data. Throws DataError.
 */
export function inputOf(given: Preprocess | undefined, train: Dataset): InputSpec {
  const spec = given ?? defaults[train.example.layout](train);
  const shape = preprocessedShape(spec, train.example);
  const { columns, ...own } = settledPreprocess(spec, train.example);
  return {
    spec,
    shape,
    graph: (view) => preprocessGraph(view, { ...own, columns }),
    columns,
    ownGraph: (view) => preprocessGraph(view, own),
  };
}

/** Sizes of data for a model that gets its input so. @param own Numbers of its vector where the data ask for nothing. */
export const shapeFor = ({ shape }: InputSpec, train: Dataset, own = 0): ModelShape => ({
  input: shape,
  outputs: answerSize(train) || own,
  ...(train.tagged && { perToken: true }),
  ...vocabularyOf(train.example),
});

/** Vectors come standardised by their source, texts as ids. */
const defaults: Readonly<Record<ExampleType['layout'], (train: Dataset) => Preprocess>> = {
  vector: ({ spreads }) => (spreads ? standardisedBy(spreads) : preprocessSchema.parse({})),
  tokens: () => preprocessSchema.parse({}),
  image: (train) => {
    const { mean, std } = train.spreads ?? statistics(train);
    return standardisedBy({ mean, std: std.map((s) => Math.max(s, 1e-3)) });
  },
};

/** Numbers less their mean, divided by their deviation. */
export function standardisedBy({ mean, std }: Spreads): Preprocess {
  const round = (v: number): number => Number(v.toPrecision(4));
  return preprocessSchema.parse({ mean: mean.map(round), std: std.map(round) });
}
