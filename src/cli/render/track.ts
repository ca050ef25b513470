import type { RunEvent } from '../../run/events.ts';
import { scoreWords } from './words.ts';

type Job = Extract<RunEvent, { type: 'job' }>;

/** Where the present training stands, as far as its events tell. */
export interface Track {
  follow(event: RunEvent): void;
  job(): Job | undefined;
  /** Examples a second over the last seconds; undefined until there is something to go by. */
  rate(): number | undefined;
  /** Seconds until the last step at this rate. */
  left(): number | undefined;
  /** Seconds since the training began or went on. */
  seconds(): number;
  /** The validation score of an epoch in words, by default of the last one measured; empty if there is none. */
  score(epoch?: number): string;
}

/** Long enough for a steady figure, short enough to follow a machine that gets busy. */
const windowMilliseconds = 10_000;

export function trackRun(clock: () => number): Track {
  let job: Job | undefined;
  let began = clock();
  let step = 0;
  let perStep = 0;
  let done: { readonly at: number; readonly examples: number }[] = [];
  let scores = new Map<number, string>();

  const rate = (): number | undefined => {
    const seconds = ((done.at(-1)?.at ?? 0) - (done[0]?.at ?? 0)) / 1000;
    // What the first entry counts was done before it.
    const examples = done.slice(1).reduce((sum, d) => sum + d.examples, 0);
    return seconds > 0 && examples > 0 ? examples / seconds : undefined;
  };
  const on: Partial<{ readonly [T in RunEvent['type']]: (event: Extract<RunEvent, { type: T }>) => void }> = {
    job(event) {
      job = event;
      began = clock();
      step = event.from;
      done = [{ at: began, examples: 0 }];
      scores = new Map();
    },
    steps(event) {
      const at = clock();
      done.push({ at, examples: event.examples });
      while (done.length > 2 && at - done[1]!.at > windowMilliseconds) done.shift();
      if (event.step > step) perStep = event.examples / (event.step - step);
      step = event.step;
    },
    measured({ row }) {
      if (row.split === 'validation') scores.set(row.epoch, scoreWords(row.metrics));
    },
  };
  return {
    follow: (event) => on[event.type]?.(event as never),
    job: () => job,
    rate,
    left() {
      const now = rate();
      return job && now && perStep && step < job.steps ? ((job.steps - step) * perStep) / now : undefined;
    },
    seconds: () => (clock() - began) / 1000,
    score: (epoch) => (epoch === undefined ? [...scores.values()].at(-1) : scores.get(epoch)) ?? '',
  };
}
