export type OnnxErrorCode =
  /** Not an ONNX file, cut off, or its parts contradict each other. */
  | 'damaged'
  /** Weights in another file that is missing, too short or outside of the model's folder. */
  | 'external-data'
  /** Too old or too new. */
  | 'version'
  /** A valid model with something that Potstill does not read. */
  | 'unsupported'
  /** The model does not accept the sizes it was asked to run with. */
  | 'sizes'
  /** The file says that the batch is one, and the model does not work with more. */
  | 'fixed-batch';

/** A model that cannot be used; the message says where, what was found, what was expected and what to do. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly fault = 'user';
  readonly code: OnnxErrorCode;
  constructor(code: OnnxErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
