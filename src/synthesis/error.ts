/** Examples cannot be made up in this way for this teacher or this data; the message says what else would do. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
  readonly fault = 'user';
}
