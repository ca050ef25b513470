import type { DType, Shape } from '../graph/type.ts';

/** A value of a model by its name in the file. Sizes that the file leaves open are names. */
export interface NamedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}
