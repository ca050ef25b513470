import cliProgress from 'cli-progress';
import type { RunEvent } from '../../run/events.ts';
import type { Screen } from '../io.ts';
import type { Display } from './display.ts';
import { trackRun } from './track.ts';
import { jobWords, joined, leftWords, lossWords, pullWords, rateWords, roleName, startWords, trainedWords } from './words.ts';

interface Shown {
  readonly value: number;
  readonly total: number;
  readonly words: string;
}

const usualWidth = 80;

/** Progress for a terminal: a bar with rate, time left and losses, and a line for each part that is over. */
export function barDisplay(screen: Screen, clock: () => number): Display {
  const track = trackRun(clock);
  let bar: cliProgress.SingleBar | undefined;
  let shown: Shown = { value: 0, total: 1, words: '' };

  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const show = (next: Shown): void => {
    shown = next;
    if (bar) bar.update(next.value, next);
    else {
      bar = newBar(screen);
      bar.start(next.total, next.value, next);
    }
  };
  /** A line that stays, above the bar. */
  const say = (line: string): void => {
    const running = bar !== undefined;
    stop();
    screen.write(`${line}\n`);
    if (running) show(shown);
  };

  const on: Partial<{ readonly [T in RunEvent['type']]: (event: Extract<RunEvent, { type: T }>) => void }> = {
    start: (event) => startWords(event).forEach(say),
    note: ({ text }) => say(`note: ${text}`),
    progress({ what, done, total }) {
      if (done < total) show({ value: done, total, words: what });
      else stop();
    },
    job(event) {
      stop();
      say(jobWords(event));
      show({ value: event.from, total: event.steps, words: '' });
    },
    steps({ step, epoch, total, losses }) {
      const job = track.job();
      if (!job) return;
      const words = [
        `epoch ${epoch}/${job.epochs}`,
        rateWords(track.rate()),
        leftWords(track.left()),
        lossWords(total, losses),
        track.score(),
      ];
      show({ value: step, total: job.steps, words: joined(words, ' · ') });
    },
    measured({ row }) {
      if (row.gradients) say(`${roleName(row.role, row.seed)}: epoch ${row.epoch}: ${pullWords(row.gradients)}`);
    },
    trained(event) {
      stop();
      say(trainedWords(event, track.seconds(), track.score(event.bestEpoch)));
    },
    done: stop,
  };
  return {
    emit(event) {
      track.follow(event);
      on[event.type]?.(event as never);
    },
    close: stop,
  };
}

const newBar = (screen: Screen): cliProgress.SingleBar =>
  new cliProgress.SingleBar({
    stream: screen,
    format: (options, { progress }, { words }: Shown) =>
      `${cliProgress.Format.BarFormat(progress, options)} ${`${Math.floor(progress * 100)}`.padStart(3)} %  ${words}`,
    barsize: Math.min(24, Math.floor((screen.columns ?? usualWidth) / 4)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // The bar cuts its line to the width by itself; a terminal that was switched would have to be switched back.
    linewrap: true,
    clearOnComplete: true,
    fps: 8,
  });
