export type GraphErrorCode =
  | 'shape-mismatch'
  | 'dtype-mismatch'
  | 'bad-attribute'
  | 'not-differentiable'
  | 'unknown-value'
  | 'foreign-graph';

/** A graph that cannot be: the message names the operator, what it got and what it needs. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly fault = 'user';
  readonly code: GraphErrorCode;
  constructor(code: GraphErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
