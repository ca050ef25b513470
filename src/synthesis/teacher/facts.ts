import type { Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';

/** A normalisation of the teacher's by running statistics, as a part of the graph that it was built into. */
export interface RunningStatistics {
  /** What is normalised, [B, C, …]. */
  readonly input: Value;
  /** Of all that it was trained on, [C]. */
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** What can be read off a teacher that is part of a graph, without any data. */
export interface TeacherFacts {
  readonly name: string;
  /** Its layers of BatchNormalization, in the order of its graph; none where an exporter folded them into convolutions. */
  readonly statistics: readonly RunningStatistics[];
  /** Weights of the layer that gives the logits, [K, D]; null where the logits do not come of one. */
  readonly lastLayer: Tensor | null;
}
