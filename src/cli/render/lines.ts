import type { RunEvent } from '../../run/events.ts';
import type { HistoryRow } from '../../run/record.ts';
import type { Display } from './display.ts';
import { trackRun } from './track.ts';
import { jobWords, joined, leftWords, lossWords, pullWords, rateWords, roleName, startWords, trainedWords } from './words.ts';

/** Progress for logs and pipes: a line for each epoch and each part of the run. */
export function linesDisplay(write: (line: string) => void, clock: () => number): Display {
  const track = trackRun(clock);
  let waiting: HistoryRow | undefined;

  /** One line an epoch, though its training and its validation are told apart. */
  const endEpoch = (): void => {
    const job = track.job();
    if (!waiting || !job) return;
    const { role, seed, epoch, total, losses, gradients } = waiting;
    waiting = undefined;
    const words = [
      lossWords(total, losses),
      pullWords(gradients),
      track.score(epoch),
      rateWords(track.rate()),
      leftWords(track.left()),
    ];
    write(`${roleName(role, seed)}: epoch ${epoch}/${job.epochs}: ${joined(words, ', ')}`);
  };

  const on: Partial<{ readonly [T in RunEvent['type']]: (event: Extract<RunEvent, { type: T }>) => void }> = {
    start: (event) => startWords(event).forEach(write),
    note: ({ text }) => write(`note: ${text}`),
    progress: ({ what, done, total }) => {
      if (done === 0) write(`${what} …`);
      else if (done === total) write(`${what}: ${total} examples`);
    },
    job: (event) => write(jobWords(event)),
    measured({ row }) {
      if (row.split === 'train') waiting = row;
      else endEpoch();
    },
    trained: (event) => write(trainedWords(event, track.seconds(), track.score(event.bestEpoch))),
  };
  return {
    emit(event) {
      if (event.type !== 'measured') endEpoch();
      track.follow(event);
      on[event.type]?.(event as never);
    },
    close: endEpoch,
  };
}
