import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { initialise } from '../../src/models/build.ts';
import { coursesOf, objectiveOf } from '../../src/programs/continual/courses.ts';
import { chosen, herded } from '../../src/programs/continual/exemplars.ts';
import { lessonSet } from '../../src/programs/continual/follow.ts';
import { tasksOf } from '../../src/programs/continual/groups.ts';
import { continualOptions } from '../../src/programs/continual/options.ts';
import {
  answersOf,
  averageAccuracy,
  backwardTransfer,
  forgetting,
  forwardTransfer,
} from '../../src/programs/continual/scores.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Cell, ProgramResults } from '../../src/programs/record.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import type { Spread } from '../../src/run/record.ts';
import { readSafetensors } from '../../src/run/safetensors.ts';
import type { Tensors } from '../../src/run/store.ts';
import { openModel } from '../../src/run/student-model.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const program = { kind: 'continual', groups: 3 };
const recipe = {
  name: 'tasks',
  program,
  data: { kind: 'blobs', classes: 6, size: 360, validation: 0 },
  student: { model: { kind: 'mlp', hidden: [12] } },
  training: { epochs: 3, batchSize: 16, optimizer: { kind: 'adam', learningRate: 0.01 } },
  export: { int8: false },
  seeds: 1,
};

const { folder, startProgram, interruptedProgram, engine } = placeForRuns('continual');
const mean = (cell: Cell | undefined): number => (cell as Spread).mean;
const weightsOf = (directory: string, job: string): Tensors => {
  const path = join(directory, 'parts/networks/checkpoints', job, 'done/weights.safetensors');
  return readSafetensors(readFileSync(path), path);
};
const table = ({ tables }: ProgramResults, title: string) => tables.find((t) => t.title === title)!;

describe('continual', () => {
  it('teaches one group after another, measures both ways of asking, and delivers the last student', async () => {
    const directory = folder();
    const { results, recipe: text } = await startProgram(
      { ...recipe, program: { ...program, exemplars: 3, choose: 'herding' } },
      { directory },
    );
    const names = ['LwF', 'LwF and replay', 'replay', 'fine-tuning', 'joint training'];
    expect(table(results, 'Told the task').rows.map((r) => r.name)).toEqual(names);
    expect(results.charts.map((c) => c.series.map((s) => s.points.length))).toEqual([
      [3, 3, 3, 3, 3],
      [3, 3, 3, 3, 3],
    ]);
    const matrices = names.map((name) => table(results, `${name}: each task`));
    // Untrained, and after the first task, all courses are the same network.
    for (const { rows } of matrices) {
      expect(rows.slice(0, 2)).toEqual(matrices[0]!.rows.slice(0, 2));
      expect(rows[4]!.cells.slice(1)).toEqual([null, null]);
    }
    // The tables say what follows from the matrices.
    const lwf = matrices[0]!.rows.slice(1, 4).map((row) => row.cells.map(mean));
    expect(mean(table(results, 'Told the task').rows[0]!.cells[0])).toBeCloseTo(averageAccuracy(lwf), 12);
    expect(mean(table(results, 'Told the task').rows[0]!.cells[2])).toBeCloseTo(backwardTransfer(lwf), 12);
    expect(table(results, 'Told the task').rows.at(-1)!.cells.slice(1)).toEqual([null, null, null]);
    const kept = JSON.parse(readFileSync(join(directory, 'remembered/seed-1-replay-kept-2.json'), 'utf8'));
    expect(new Set(kept).size).toBe(6);
    // What is replayed is learnt from: replay is not fine-tuning, and LwF with it not LwF.
    const after = ['scratch-1-replay', 'scratch-1-fine-tuning', 'distilled-1-lwf-replay', 'distilled-1-lwf'].map((job) =>
      JSON.stringify(Object.values(weightsOf(directory, `${job}-task-2`)).map((t) => Array.from(t.data as Float32Array))),
    );
    expect(new Set(after).size).toBe(4);
    const config = JSON.parse(readFileSync(join(directory, 'parts/networks/student/config.json'), 'utf8'));
    expect(Object.keys(config.id2label)).toHaveLength(6);
    expect(existsSync(join(directory, 'parts/networks/student/onnx/model.onnx'))).toBe(true);
    expect(results.notes.join()).toMatch(/LwF and replay, seed 1.*parts\/networks\/student/);
    expect(renderProgram(results, text)).toContain(results.sentence);
  });

  it('is plain fine-tuning, to the byte, where the old answers weigh nothing', async () => {
    for (const loss of ['task', 'seen']) {
      const directory = folder();
      await startProgram({ ...recipe, program: { ...program, groups: 2, weight: 0, loss, joint: false } }, { directory });
      const [kept, plain] = ['distilled-1-lwf-task-2', 'scratch-1-fine-tuning-task-2'].map((job) => weightsOf(directory, job));
      expect(kept).toEqual(plain);
      expect(kept).not.toEqual(weightsOf(directory, 'scratch-1-first-task-1'));
    }
  });

  it('leaves the outputs of classes that have not come as they were drawn, and keeps old answers where they weigh much', async () => {
    const directory = folder();
    const { results } = await startProgram({ ...recipe, program: { ...program, weight: 5, joint: false } }, { directory });
    const shape = { input: [8], outputs: 6 };
    const { student } = parsePlan(recipe).recipe;
    const model = await openModel(student.model, shape, { runtime: engine(), folder: '.', hub: undefined });
    const drawn = initialise(model, shape, (name) => random(1, `init/${name}`, 0));
    const first = weightsOf(directory, 'scratch-1-first-task-1');
    const second = weightsOf(directory, 'scratch-1-fine-tuning-task-2');
    for (const [name, { shape: dims, data }] of drawn) {
      const out = dims.indexOf(6);
      if (out < 0) continue;
      // Classes along the first or the last axis.
      const classOf = (i: number): number => (out === 0 ? Math.floor(i / (data.length / 6)) : i % 6);
      const changed = (before: Tensors, after: Tensors): number[] => {
        const [a, b] = [before[name]!.data as Float32Array, after[name]!.data as Float32Array];
        return [0, 1, 2, 3, 4, 5].filter((k) => a.some((v, i) => classOf(i) === k && v !== b[i]));
      };
      expect(changed(Object.fromEntries(drawn), first)).toEqual([0, 1]);
      // It goes on from there: in fine-tuning the head of the first task is left as that task had trained it.
      expect(changed(first, second)).toEqual([2, 3]);
    }
    const told = table(results, 'Told the task').rows;
    expect(mean(told[0]!.cells[1])).toBeLessThanOrEqual(mean(told[1]!.cells[1]) + 1e-9);
  });

  it('comes to the same weights when it is stopped again and again', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = {
      ...recipe,
      program: { ...program, groups: 2, exemplars: 4, choose: 'herding' },
      training: { ...recipe.training, epochs: 2 },
    };
    await startProgram(short, { directory: once });
    expect(await interruptedProgram(short, stopped, 4)).toBeGreaterThan(3);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(12);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('refuses what is no sequence of tasks, with places', async () => {
    const withGroups = (groups: unknown) => parsePlan({ ...recipe, program: { kind: 'continual', groups } });
    expect(() => withGroups([[0, 1, 2]])).toThrow(/program\.groups: found 1; expected at least two groups/);
    expect(() => withGroups(1)).toThrow(/program\.groups: found 1; expected at least two groups/);
    expect(() => withGroups([[0, 1], [2]])).toThrow(/program\.groups\.1: found \[2\]; expected at least two classes/);
    expect(() =>
      withGroups([
        [0, 1],
        [1, 2],
      ]),
    ).toThrow(/program\.groups: found the class 1 twice; expected each class in one group/);
    expect(() => parsePlan({ ...recipe, teacher: { kind: 'onnx', model: 'x.onnx' } })).toThrow(
      /teacher: found one; expected none, since each task is taught by the network before it/,
    );
    expect(() => parsePlan({ ...recipe, training: { earlyStopping: { patience: 2 } } })).toThrow(/training\.earlyStopping/);
    await expect(startProgram({ ...recipe, data: { kind: 'friedman', size: 200 } })).rejects.toThrow(
      /data: found values to predict; expected classes/,
    );
    await expect(startProgram({ ...recipe, program: { ...program, groups: 4 } })).rejects.toThrow(
      /program\.groups: found 4, and the data has 6 classes; .*\(2, 3 groups would do\)/,
    );
  });
});

describe('groups', () => {
  const classes = ['ant', 'bee', 'cow', 'dog'];
  it('are named by name or index, or cut in order', () => {
    const cut = [
      [0, 1],
      [2, 3],
    ];
    expect(tasksOf(2, classes)).toEqual(cut);
    expect(
      tasksOf(
        [
          ['ant', 1],
          ['cow', 'dog'],
        ],
        classes,
      ),
    ).toEqual(cut);
  });
  it('have every class once', () => {
    expect(() =>
      tasksOf(
        [
          [0, 1],
          [2, 'dgo'],
        ],
        classes,
      ),
    ).toThrow(/found the class dgo, .* index from 0 to 3; the nearest are dog/);
    expect(() =>
      tasksOf(
        [
          [0, 1],
          [2, 7],
        ],
        classes,
      ),
    ).toThrow('found the class 7, which the data does not have');
    expect(() =>
      tasksOf(
        [
          [0, 1],
          [2, 'bee'],
        ],
        classes,
      ),
    ).toThrow('found the class bee twice, by name and by index');
    expect(() => tasksOf([[0, 1], [2]], classes)).toThrow('found no group with dog');
  });
});

describe('objectives', () => {
  const seen = [
    [0, 1],
    [2, 3],
    [4, 5],
  ];
  const [lwf, plain] = [coursesOf(continualOptions.parse(program))[0]!, coursesOf(continualOptions.parse(program))[1]!];
  it('have a head for each task, or one that grows', () => {
    const task = objectiveOf(continualOptions.parse(program), seen, lwf).losses as readonly { heads: unknown }[];
    expect(task.map((l) => l.heads)).toEqual([seen, seen.slice(0, 2)]);
    const grown = objectiveOf(continualOptions.parse({ ...program, loss: 'seen' }), seen, lwf).losses as readonly {
      heads: unknown;
    }[];
    expect(grown.map((l) => l.heads)).toEqual([[[0, 1, 2, 3, 4, 5]], [[0, 1, 2, 3]]]);
    expect(objectiveOf(continualOptions.parse(program), seen, plain).losses).toHaveLength(1);
    expect(objectiveOf(continualOptions.parse(program), seen.slice(0, 1), lwf).losses).toHaveLength(1);
  });
});

describe('exemplars', () => {
  const examples = [
    [0, 3, 6],
    [1, 4, 7],
    [2, 5, 8],
  ];
  const unused = () => Promise.reject(new Error('internal: not asked'));

  it('that are all of them make the data of joint training', async () => {
    const kept = await Promise.all(
      [0, 1].map((k) =>
        chosen('herding', { of: examples[k]!, class: k, count: Number.POSITIVE_INFINITY, seed: 1, embeddings: unused }),
      ),
    );
    expect([...lessonSet(examples, [2], kept.flat())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...lessonSet(examples, [1], [])]).toEqual([1, 4, 7]);
  });

  it('are drawn by seed and class alone', async () => {
    const of = Array.from({ length: 50 }, (_, i) => 3 * i);
    const draw = (seed: number, k: number) => chosen('random', { of, class: k, count: 5, seed, embeddings: unused });
    expect(await draw(1, 0)).toEqual(await draw(1, 0));
    expect(await draw(1, 0)).not.toEqual(await draw(2, 0));
    expect(await draw(1, 0)).not.toEqual(await draw(1, 1));
    expect(new Set(await draw(1, 0)).size).toBe(5);
    expect((await draw(1, 0)).every((i) => of.includes(i))).toBe(true);
  });

  it('are herded to the mean of their class', () => {
    // Directions of 0, 90, 45 and 40 degrees; the mean points to about 44 degrees. Lengths do not matter.
    const data = Float32Array.from(
      [0, 90, 45, 40].flatMap((d, i) => [d, 90 - d].map((a) => (i + 1) * Math.cos((a * Math.PI) / 180))),
    );
    expect(herded({ data, rows: 4, width: 2 }, 1)).toEqual([2]);
    expect(herded({ data, rows: 4, width: 2 }, 4).toSorted()).toEqual([0, 1, 2, 3]);
    // Of two: the pair whose mean is the nearest, given the first.
    expect(herded({ data, rows: 4, width: 2 }, 2)[1]).toBe(3);
  });
});

describe('scores', () => {
  const r = [
    [0.9, 0.5, 0.4],
    [0.7, 0.8, 0.6],
    [0.6, 0.9, 1],
  ];
  it('are those of the papers on a matrix made by hand', () => {
    expect(averageAccuracy(r)).toBeCloseTo((0.6 + 0.9 + 1) / 3, 12);
    expect(averageAccuracy(r, 1)).toBeCloseTo(0.75, 12);
    expect(forgetting(r)).toBeCloseTo((0.9 - 0.6 + (0.8 - 0.9)) / 2, 12);
    expect(backwardTransfer(r)).toBeCloseTo((0.6 - 0.9 + (0.9 - 0.8)) / 2, 12);
    expect(forwardTransfer(r, [0.5, 0.45, 0.5])).toBeCloseTo((0.5 - 0.45 + (0.6 - 0.5)) / 2, 12);
  });

  it('tell what is right among the classes of a task from what is right among all that were seen', () => {
    const tasks = [
      [0, 3],
      [1, 2],
    ];
    const rows = [
      [1, 5, 0, 2],
      [3, 0, 0, 2],
      [0, 4, 3, 9],
      [0, 1, 2, 0],
      [9, 9, 9, 9],
    ];
    const outputs = { data: Float32Array.from(rows.flat()), rows: 5, width: 4 };
    const labels = Int32Array.of(3, 0, 1, 2, -1);
    expect(answersOf(outputs, labels, tasks, 1)).toEqual({ known: [1, 1], seen: [1, null] });
    expect(answersOf(outputs, labels, tasks, 2)).toEqual({ known: [1, 1], seen: [0.5, 0.5] });
    expect(answersOf(outputs, labels, tasks, 0)).toEqual({ known: [1, 1], seen: [null, null] });
  });
});
