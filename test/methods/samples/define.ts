/** A setting of a method in which the suite builds it. */
export interface MethodSample {
  /** As a recipe gives them; `kind` at least. */
  readonly options: { readonly kind: string } & Readonly<Record<string, unknown>>;
  /** Shapes of the taps, the batch first. */
  readonly student: Readonly<Record<string, readonly number[]>>;
  readonly teacher: Readonly<Record<string, readonly number[]>>;
  /** Shape of the target; [B, K] with K from the student's logits, or [B, 3], unless told. */
  readonly target?: readonly number[];
  /** What some inputs hold whatever else is tried, element by element: `student.masked.answers`. */
  readonly fixed?: Readonly<Record<string, (i: number) => number>>;
  /** The value is 0 where student and teacher say the same. */
  readonly zeroAtTeacher?: boolean;
  /** Fewest examples with which the method works; 1 unless told. */
  readonly smallestBatch?: number;
}
