import { planBatches } from '../../data/batches.ts';
import { type Dataset, exampleShape, subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import type { FileInputs } from '../../export/layouts/define.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { compareSpeed } from '../../quantise/compare.ts';
import type { ExportOptions } from '../../recipe/export.ts';
import type { Feeds, Runtime } from '../../runtime/port.ts';
import { ask } from '../evaluate.ts';
import { type MeasureOptions, measureTimes, timing, usualBatch } from '../measure.ts';
import type { Matrix } from '../metrics.ts';
import type { Deployed } from '../record.ts';
import type { Task } from '../tasks/define.ts';
import type { Form, Kept, Subject } from './define.ts';
import { fp16 } from './fp16.ts';
import { int8 } from './int8.ts';

const forms = { int8, fp16 } as const;

export interface DeployOptions {
  readonly file: Uint8Array;
  /** What the float32 file says of the test split. */
  readonly outputs: Matrix;
  readonly runtime: Runtime;
  readonly inputs: FileInputs;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly task: Task;
  /** What the teacher says of the test split, where it is comparable. */
  readonly teacher: Matrix | null;
  /** How long times are measured. */
  readonly during: Pick<MeasureOptions, 'milliseconds'>;
}

/** A lighter file of the student, and what it came to. */
export interface Delivered {
  readonly bytes: Uint8Array;
  readonly facts: Deployed;
}

/**
 * Makes the lighter files that a recipe asks for, and measures each on the test split and against the clock. One that has to be
 * calibrated is left out where there are no examples for it.
 */
export async function deploy(options: ExportOptions, given: DeployOptions): Promise<readonly Delivered[]> {
  const done: Delivered[] = [];
  for (const [name, form] of Object.entries(forms) as [keyof typeof forms, Form<unknown>][]) {
    const own = options[name];
    if (own === false) continue;
    const count = 'examples' in own ? own.examples : 0;
    if (count > 0 && given.train.size === 0) continue;
    if ((form.provider ?? given.runtime.provider) !== given.runtime.provider) continue;
    const made = await form.make(own, { ...given, calibration: () => calibration(given, count) } satisfies Subject);
    // A file in which nothing changed would only be a copy.
    if (made.changed > 0) done.push({ bytes: made.bytes, facts: await measured(form, made.bytes, made, given) });
  }
  return done;
}

async function measured(
  { name, dtype, path }: Form<unknown>,
  bytes: Uint8Array,
  { changed, kept }: { readonly changed: number; readonly kept: readonly Kept[] },
  { file, outputs, runtime, inputs, test, task, teacher, during }: DeployOptions,
): Promise<Deployed> {
  const said = await ask(runtime, bytes, test, inputs);
  const metrics = task.metrics(said, test, teacher);
  const before = task.metrics(outputs, test, teacher);
  const { name: headline } = task.headline;
  const { feeds } = timing(test, inputs);
  const timed = (count: number) => compareSpeed(file, bytes, feeds(count), { runtime, turns: 9 });
  const [alone, together] = [await timed(1), await timed(usualBatch)];
  const { latencyMs } = await measureTimes(runtime, bytes, { feeds, ...during });
  return {
    name,
    dtype,
    path,
    bytes: bytes.length,
    metrics,
    change: metrics[headline]! - before[headline]!,
    latencyMs: latencyMs.p50,
    speedup: { one: alone.ratio, batch: together.ratio },
    changed,
    kept: grouped(kept),
  };
}
/** The same reason is said once. */
function grouped(kept: readonly Kept[]): Deployed['kept'] {
  const byReason = new Map<string, { readonly op: string; readonly reason: string; nodes: string[] }>();
  for (const { node, op, reason } of kept) {
    const key = `${op}: ${reason}`;
    const group = byReason.get(key) ?? { op, reason, nodes: [] };
    group.nodes.push(node);
    byReason.set(key, group);
  }
  return [...byReason.values()];
}

const calibrationBatch = 32;

/** Examples of the train split, drawn at random, as the file is fed. */
const calibration = ({ train, inputs }: DeployOptions, count: number): readonly Feeds[] =>
  batchesOf(subset(train, random(0, 'deploy/calibration').permutation(train.size).slice(0, count)), inputs, calibrationBatch);

/** A set as feeds of a file. */
function batchesOf(set: Dataset, inputs: FileInputs, batchSize: number): readonly Feeds[] {
  const plan = planBatches(set, { batchSize });
  return Array.from(plan.epoch(0), (batch) => {
    const shape = [batch.size, ...exampleShape(set.example, batch.length)];
    return inputs.feeds({ dtype: 'float32', shape, data: batch.x.slice(0, sizeOf(shape)) } satisfies Tensor);
  });
}
