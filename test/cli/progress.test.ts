import { describe, expect, it } from 'vitest';
import { barDisplay } from '../../src/cli/render/bar.ts';
import { linesDisplay } from '../../src/cli/render/lines.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { keptScreen } from './stand-in.ts';

const at = { role: 'distilled', seed: 3 } as const;
const steps = (step: number, epoch: number, total: number): RunEvent => ({
  type: 'steps',
  ...at,
  epoch,
  step,
  examples: 640,
  total,
  losses: { kd: total * 2, labels: total / 2 },
  learningRate: 0.1,
});
const measured = (epoch: number, total: number, accuracy: number): readonly RunEvent[] => [
  {
    type: 'measured',
    row: {
      ...at,
      epoch,
      step: epoch * 20,
      split: 'train',
      total,
      losses: { kd: total * 2, labels: total / 2 },
      learningRate: 0.1,
    },
  },
  { type: 'measured', row: { ...at, epoch, step: epoch * 20, split: 'validation', metrics: { accuracy, nll: 1 } } },
];

/** A run of two epochs with 20 steps of 64 examples each; every step event comes a second after the one before. */
const events: readonly RunEvent[] = [
  {
    type: 'start',
    name: 'demo',
    directory: 'runs/demo',
    resumed: false,
    data: { name: 'glyphs', train: 1280, validation: 100, test: 150 },
  },
  { type: 'note', text: 'something to know' },
  { type: 'progress', what: 'asking the teacher', done: 0, total: 1280 },
  { type: 'progress', what: 'asking the teacher', done: 1280, total: 1280 },
  { type: 'job', ...at, model: 'mlp-16', parameters: 4180, epochs: 2, steps: 40, from: 0 },
  steps(10, 1, 2),
  steps(20, 1, 1.5),
  ...measured(1, 1.75, 0.5),
  steps(30, 2, 1),
  steps(40, 2, 0.5),
  ...measured(2, 0.75, 0.625),
  { type: 'trained', ...at, bestEpoch: 2, early: false },
];

const esc = '\u001b';
/** Control sequences of a terminal. */
const controls = new RegExp(`${esc}(\\[[\\d;?]*[A-Za-z]|[78])`, 'g');
/** What stays on the screen: each line as it was drawn last, or nothing where it was wiped out. */
const remains = (text: string): readonly string[] =>
  text.split('\n').map((row) => {
    const drawn = row.split(`${esc}[1G`).at(-1)!;
    return (drawn.startsWith(`${esc}[2K`) ? drawn.slice(4) : drawn).replace(controls, '');
  });

/** A clock that goes on by a second for every event of steps. */
function timed() {
  let now = 0;
  return {
    clock: () => now,
    play: (list: readonly RunEvent[], emit: (event: RunEvent) => void) => {
      for (const event of list) {
        if (event.type === 'steps') now += 1000;
        emit(event);
      }
    },
  };
}

describe('progress without a terminal', () => {
  const played = (list: readonly RunEvent[]): readonly string[] => {
    const lines: string[] = [];
    const { clock, play } = timed();
    const display = linesDisplay((l) => lines.push(l), clock);
    play(list, display.emit);
    display.close();
    return lines;
  };

  it('is a line for each part and each epoch', () => {
    expect(played(events).join('\n')).toMatchInlineSnapshot(`
      "Run 'demo' in runs/demo
      glyphs: 1,280 examples to train on, 100 to validate, 150 to test
      note: something to know
      asking the teacher …
      asking the teacher: 1280 examples
      distilled, seed 3: mlp-16, 4,180 parameters, 2 epochs of 20 steps
      distilled, seed 3: epoch 1/2: loss 1.750 kd 3.500 labels 0.875, validation accuracy 50.00 %, 640 examples/s, 2 s left
      distilled, seed 3: epoch 2/2: loss 0.750 kd 1.500 labels 0.375, validation accuracy 62.50 %, 640 examples/s
      distilled, seed 3: done in 4.00 s, best epoch 2 (validation accuracy 62.50 %)"
    `);
  });

  it('tells of an epoch also where there is no validation', () => {
    const bare = events.filter((e) => e.type !== 'measured' || e.row.split === 'train');
    expect(played(bare).filter((l) => l.includes('epoch 1/2'))).toEqual([
      'distilled, seed 3: epoch 1/2: loss 1.750 kd 3.500 labels 0.875, 640 examples/s, 2 s left',
    ]);
    expect(played(bare).filter((l) => l.includes('epoch 2/2'))).toHaveLength(1);
  });

  it('counts the rest of a resumed training from where it goes on', () => {
    const resumed = events.flatMap((e): readonly RunEvent[] => {
      if (e.type === 'job') return [{ ...e, from: 20 }];
      return (e.type === 'steps' && e.step <= 20) || (e.type === 'measured' && e.row.epoch === 1) ? [] : [e];
    });
    const lines = played(resumed);
    expect(lines).toContain('distilled, seed 3: mlp-16, 4,180 parameters, 2 epochs of 20 steps, going on at step 20');
    expect(lines.some((l) => l.includes('epoch 2/2'))).toBe(true);
  });
});

describe('progress on a terminal', () => {
  const shown = (columns: number): string => {
    const screen = keptScreen({ columns });
    const { clock, play } = timed();
    const display = barDisplay(screen, clock);
    try {
      play(events.slice(0, 8), display.emit);
      // The bar draws by the wall clock; a stop draws what is there.
    } finally {
      display.close();
    }
    return screen.text();
  };

  it('draws a bar with epoch, rate, time left and losses by name', () => {
    const drawn = shown(160);
    expect(drawn).toContain('50 %  epoch 1/2 · 640 examples/s · 2 s left · loss 1.500 kd 3.000 labels 0.750');
    expect(drawn).toMatch(/█+░+/);
  });

  it('leaves lines behind, and no bar', () => {
    const screen = keptScreen({ columns: 160 });
    const { clock, play } = timed();
    const display = barDisplay(screen, clock);
    play(events, display.emit);
    display.close();
    expect(remains(screen.text()).join('\n')).toMatchInlineSnapshot(`
      "Run 'demo' in runs/demo
      glyphs: 1,280 examples to train on, 100 to validate, 150 to test
      note: something to know
      distilled, seed 3: mlp-16, 4,180 parameters, 2 epochs of 20 steps
      distilled, seed 3: done in 4.00 s, best epoch 2 (validation accuracy 62.50 %)
      "
    `);
  });

  it('never writes past the edge of the screen', () => {
    const widths = shown(60)
      .replace(controls, '\n')
      .split('\n')
      .filter((part) => /[█░]/.test(part))
      .map((part) => [...part].length);
    expect(widths.length).toBeGreaterThan(0);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  });

  it('does not touch the settings of the terminal', () => {
    expect(shown(80)).not.toContain(`${esc}[?`);
  });
});
