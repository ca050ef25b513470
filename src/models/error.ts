export type ModelErrorCode = 'bad-shape' | 'missing-tensor' | 'bad-option';

/** A model that does not fit its data, its options or its tensors. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly fault = 'user';
  readonly code: ModelErrorCode;
  constructor(code: ModelErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
