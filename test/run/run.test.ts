import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DivergedError, MismatchError, StoppedError } from '../../src/run/error.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { placeForRuns } from '../support/runs.ts';

const recipe = {
  name: 'spirals',
  data: { kind: 'spirals', size: 600 },
  teacher: {
    kind: 'train',
    model: { kind: 'mlp', hidden: [32, 32], dropout: 0.1 },
    training: { epochs: 3, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } },
  },
  student: { model: { kind: 'mlp', hidden: [8], norm: 'batch' } },
  training: { epochs: 4, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 } },
};

const { root, folder, start } = placeForRuns('run');
/** What has to be equal whatever happened on the way. */
const leftBy = (directory: string) => ({
  student: readFileSync(join(directory, 'student/onnx/model.onnx')).toString('base64'),
  metrics: readFileSync(join(directory, 'metrics.jsonl'), 'utf8'),
  weights: ['teacher-1', 'scratch-1', 'distilled-1'].map((job) =>
    readFileSync(join(directory, 'checkpoints', job, 'done/weights.safetensors')).toString('base64'),
  ),
});

describe('a run', () => {
  it('trains teacher, scratch and student, and writes what it found', async () => {
    const directory = folder();
    const events: RunEvent[] = [];
    const { results, history, details } = await start(recipe, { directory, emit: (e) => events.push(e) });
    expect(results.teacher!.metrics.accuracy!.mean).toBeGreaterThan(0.5);
    expect(results.distilled.metrics).toHaveProperty('agreement');
    expect(results.parity.maxAbsError).toBeLessThan(1e-5);
    expect(results.data.test).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8'))).toEqual(results);
    expect(history.filter((r) => r.role === 'distilled' && r.split === 'train')).toHaveLength(4);
    expect(Object.keys(history.at(-2)!.losses!)).toEqual(['kd', 'labels']);
    expect(details.distilled.confusion.flat().reduce((a, b) => a + b)).toBe(results.data.test);
    expect(events.map((e) => e.type).filter((t) => t === 'job')).toHaveLength(3);
    expect(existsSync(join(directory, 'student/config.json'))).toBe(true);
  });

  it('gives the same bytes again, and the same when it was stopped again and again', async () => {
    const [once, twice, stopped] = [folder(), folder(), folder()];
    await start(recipe, { directory: once });
    await start(recipe, { directory: twice });
    expect(leftBy(twice)).toEqual(leftBy(once));
    let stops = 0;
    for (let done = false; !done; ) {
      const control = new AbortController();
      let steps = 0;
      // A few calls of the engine on: in the middle of epochs, of jobs, and of the teacher's training too.
      const emit = (e: RunEvent): void => {
        if (e.type === 'steps' && ++steps === 3) control.abort();
      };
      try {
        await start(recipe, { directory: stopped, resume: stops > 0, signal: control.signal, emit });
        done = true;
      } catch (error) {
        expect(error).toBeInstanceOf(StoppedError);
        stops++;
      }
    }
    expect(stops).toBeGreaterThan(2);
    expect(leftBy(stopped)).toEqual(leftBy(once));
  });

  it('does not depend on whether the teacher was asked beforehand', async () => {
    const [cached, live] = [folder(), folder()];
    await start(recipe, { directory: cached });
    await start({ ...recipe, cacheTeacher: false }, { directory: live });
    expect(existsSync(join(cached, 'teacher-outputs'))).toBe(true);
    expect(existsSync(join(live, 'teacher-outputs'))).toBe(false);
    expect(leftBy(live)).toEqual(leftBy(cached));
  });

  it('never overwrites a run unless told', async () => {
    const directory = folder();
    const quick = { ...recipe, teacher: undefined, training: { ...recipe.training, epochs: 1 } };
    await start(quick, { directory });
    await expect(start(quick, { directory })).rejects.toThrow(/--resume.*--force/);
    await expect(start({ ...quick, name: 'other' }, { directory, resume: true })).rejects.toThrow(/another recipe/);
    await start({ ...quick, name: 'other' }, { directory, force: true });
    expect(readFileSync(join(directory, 'recipe.yaml'), 'utf8')).toContain('name: other');
  });

  it('regression: measures in the units of the data', async () => {
    const { results } = await start({
      name: 'friedman',
      data: { kind: 'friedman', size: 600 },
      teacher: { kind: 'train', model: { kind: 'mlp', hidden: [32] }, training: { epochs: 3, batchSize: 32 } },
      student: { model: { kind: 'mlp', hidden: [4] } },
      losses: [
        { kind: 'regression-kd', weight: 0.5 },
        { kind: 'regression', weight: 0.5 },
      ],
      training: { epochs: 3, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } },
    });
    expect(results.task).toBe('regression');
    expect(results.headline).toEqual({ name: 'rmse', higherIsBetter: false });
    expect(results.distilled.metrics.r2!.mean).toBeLessThan(1);
  });

  it('stops early when validation no longer gets better', async () => {
    const events: RunEvent[] = [];
    const training = {
      epochs: 50,
      batchSize: 32,
      earlyStopping: { patience: 2 },
      optimizer: { kind: 'sgd', learningRate: 1e-9 },
    };
    await start({ ...recipe, teacher: undefined, training }, { emit: (e) => events.push(e) });
    expect(events.find((e) => e.type === 'trained')).toMatchObject({ early: true, bestEpoch: 1 });
  });
});

describe('what goes wrong', () => {
  it('names the step, the term and the checkpoint when a loss is no number', async () => {
    const training = { ...recipe.training, optimizer: { kind: 'sgd', learningRate: 1e30, schedule: { kind: 'constant' } } };
    const failed = start({ ...recipe, student: { model: { kind: 'mlp', hidden: [8] } }, teacher: undefined, training });
    await expect(failed).rejects.toThrow(DivergedError);
    await expect(failed).rejects.toThrow(/distilled \(seed 1\): the loss `labels` became (NaN|Infinity) at step \d+.*checkpoint/);
  });

  it('refuses a teacher with other classes', async () => {
    const blobs = await start(
      {
        ...recipe,
        teacher: undefined,
        data: { kind: 'blobs', size: 400, features: 2 },
        training: { ...recipe.training, epochs: 1 },
      },
      { directory: join(root, 'blobs') },
    );
    expect(blobs.results.data.classes!.length).not.toBe(2);
    const model = join(root, 'blobs/student/onnx/model.onnx');
    const wrong = start({
      ...recipe,
      data: { kind: 'spirals', size: 400, classes: blobs.results.data.classes!.length + 1 },
      teacher: { kind: 'onnx', model },
    });
    await expect(wrong).rejects.toThrow(MismatchError);
    await expect(wrong).rejects.toThrow(/gives \[\d+\].*the data has \d+ classes/);
  });
});
