export type OptimErrorCode = 'unknown-pattern';

/** An optimizer that does not fit the model's parameters. */
export class OptimError extends Error {
  override readonly name = 'OptimError';
  readonly fault = 'user';
  readonly code: OptimErrorCode;
  constructor(code: OptimErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
