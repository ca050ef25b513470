/** Training ran into numbers that are not finite. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly fault = 'user';
  readonly step: number;
  readonly term: string;
  constructor(at: {
    readonly where: string;
    readonly step: number;
    readonly term: string;
    readonly value: number;
    readonly checkpoint: string | null;
  }) {
    const kept = at.checkpoint ? `the last good checkpoint is ${at.checkpoint}` : 'there is no checkpoint yet';
    super(
      `${at.where}: the loss \`${at.term}\` became ${at.value} at step ${at.step}; ${kept}; lower training.optimizer.learningRate or set clipNorm`,
    );
    this.step = at.step;
    this.term = at.term;
  }
}

/** The run was asked to stop and has saved where it is; `--resume` goes on from there. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  readonly fault = 'stopped';
  readonly directory: string;
  constructor(directory: string) {
    super(`stopped; everything so far is in ${directory}; go on with --resume`);
    this.directory = directory;
  }
}

/** Parts that are each right and do not fit together (a teacher of 100 classes and data of 10). */
export class MismatchError extends Error {
  override readonly name = 'MismatchError';
  readonly fault = 'user';
}
