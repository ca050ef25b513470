import { countParameters } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import type { Runtime } from '../runtime/port.ts';
import { type DeliveredFile, deliveredFile, ownSet } from './delivered.ts';
import { deploy } from './deploy/deploy.ts';
import { detailsOf } from './details.ts';
import { disagreementOf } from './disagreement.ts';
import { ask, labelsOf, logitsOutput, macsOf, outputsOf, serve, viewInputs } from './evaluate.ts';
import { toJson } from './files.ts';
import { type Counts, type MeasureOptions, measureTimes, timing, usualBatch } from './measure.ts';
import type { Matrix } from './metrics.ts';
import type { Opened, Pair } from './opened.ts';
import type { Cost, Disagreement, Results, RunRecord, Side } from './record.ts';
import { distils } from './scratch.ts';
import { writeStudent } from './student-folder.ts';
import type { Task } from './tasks/define.ts';
import { memberTap } from './teachers/ensemble.ts';
import { isComparable } from './teachers/open.ts';
import type { Trained } from './train.ts';
import { gapRecovered, metricsOver, verdict } from './verdict.ts';
import { version } from './version.ts';

/** The machine, as the results name it. */
export interface Machine {
  readonly cpu: string;
  readonly node: string;
  readonly platform: string;
}

/** Test outputs and metrics of one trained model. */
interface Tested {
  readonly outputs: Matrix;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Measures everything on the test split, exports the student, and writes results, details and the student's folder. */
export async function conclude(opened: Opened, model: Model, pairs: readonly Pair[], machine: Machine): Promise<RunRecord> {
  const { recipe, runtime, store, splits, student, shape, teacher, task } = opened;
  const { test } = splits;
  const during = opened.milliseconds === undefined ? {} : { milliseconds: opened.milliseconds };
  const teacherOutputs = teacher && isComparable(teacher, splits) ? await ask(runtime, teacher.bytes, test, teacher) : null;

  const tested = async (trained: Trained): Promise<Tested> => {
    const outputs = await ask(runtime, await viewModel(opened, model, trained), test);
    return { outputs, metrics: task.metrics(outputs, test, teacherOutputs) };
  };
  const distilled = await inTurn(pairs, (p) => tested(p.distilled));
  const scratch = await inTurn(pairs, async (p) => p.scratch && (await tested(p.scratch)));

  const chosen = best(task, pairs);
  const exported = await deliveredFile(opened, model, pairs[chosen]!.distilled);
  const file = exported.bytes;
  const parity = await parityOf(opened, exported, distilled[chosen]!.outputs);
  const own = ownSet(opened, test);
  const delivered = await deploy(recipe.export, {
    file,
    outputs: distilled[chosen]!.outputs,
    runtime,
    inputs: exported.inputs,
    train: ownSet(opened, splits.train),
    test: own,
    task,
    teacher: teacherOutputs,
    during,
  });
  const counts = {
    parameters: countParameters(model, shape),
    macs: await macsOf(model, student.graph, test),
    bytes: file.length,
  };
  const cost = await costOf(runtime, async () => file, counts, { ...timing(own, exported.inputs), ...during });
  const side = (name: string, all: readonly (Tested | null)[], of: (p: Pair) => Trained | null): Side | null => {
    const present = all.filter((t) => t !== null);
    if (present.length === 0) return null;
    return {
      model: name,
      metrics: metricsOver(present.map((t) => t.metrics)),
      cost,
      bestEpoch: pairs.map((p) => of(p)!.bestEpoch),
    };
  };
  const sides = {
    teacher: teacher && {
      model: teacher.name,
      metrics: metricsOver(teacherOutputs ? [task.ofTeacher(teacherOutputs, test)] : []),
      cost: await costOf(
        runtime,
        teacher.at,
        { parameters: teacher.parameters, macs: teacher.macs, bytes: teacher.size },
        // A file with fixed sizes takes the longest texts alone.
        { ...timing(test, viewInputs(test.example), teacher.batch === null ? undefined : null), ...during },
      ),
      bestEpoch: teacher.bestEpoch === null ? null : [teacher.bestEpoch],
    },
    scratch: side(model.name, scratch, (p) => p.scratch),
    distilled: side(model.name, distilled, (p) => p.distilled)!,
  };
  const headline = (s: Side | null) => s?.metrics[task.headline.name] ?? null;
  const seconds = (of: (p: Pair) => Trained | null): number => pairs.reduce((sum, p) => sum + (of(p)?.seconds ?? 0), 0);

  const results: Results = {
    version: 1,
    potstill: version,
    name: recipe.name,
    task: task.name,
    seeds: recipe.seeds,
    headline: task.headline,
    ...sides,
    gapRecovered: gapRecovered(task.headline, headline(sides.teacher), headline(sides.scratch), headline(sides.distilled)!),
    verdict: verdict(task.headline, headline(sides.scratch), headline(sides.distilled)!, distils(task, recipe), task.alone),
    parity,
    deployed: delivered.map((d) => d.facts),
    data: {
      name: splits.name,
      train: splits.train.size,
      validation: splits.validation.size,
      test: test.size,
      classes: test.classes,
      outputs: shape.outputs,
      ...(shape.perToken && { perToken: true }),
      shape: test.example.shape,
    },
    preprocess: student.spec,
    environment: { ...machine, onnxruntime: runtime.version, threads: runtime.threads, provider: runtime.provider },
    seconds: { teacher: teacher?.seconds ?? 0, scratch: seconds((p) => p.scratch), distilled: seconds((p) => p.distilled) },
  };
  const first = { teacher: teacherOutputs, scratch: scratch[0]?.outputs ?? null, distilled: distilled[0]!.outputs };
  const details = {
    ...(await detailsOf(task, first, test, recipe.examples, opened.notes)),
    ...(teacher &&
      teacherOutputs &&
      teacher.members > 1 &&
      task.explains && { disagreement: await disagreement(opened, teacherOutputs, first.distilled) }),
  };

  await writeStudent(opened, {
    exported,
    lighter: delivered,
    architecture: model.name,
    summary: results.verdict.sentence,
  });
  await store.write('details.json', toJson(details));
  // Last: a folder with results is a finished run.
  await store.write('results.json', toJson(results));
  return {
    results,
    history: await store.history(),
    details,
    recipe: store.recipe,
    student: Buffer.from(file).toString('base64'),
  };
}

/** The members of an ensemble asked one by one. */
async function disagreement({ runtime, splits, teacher }: Opened, ensemble: Matrix, distilled: Matrix): Promise<Disagreement> {
  const members: Matrix[] = [];
  for (let i = 0; i < teacher!.members; i++) {
    const file = await teacher!.giving([memberTap(logitsOutput, i)]);
    members.push(await ask(runtime, file.bytes, splits.test, { ...file, output: memberTap(logitsOutput, i) }));
  }
  return disagreementOf(members, ensemble, distilled, labelsOf(splits.test));
}

/** What a model costs to serve: one example at a time, and many; texts of a usual length. `at` gives the file for a batch. */
async function costOf(
  runtime: Runtime,
  at: (batch: number) => Promise<Uint8Array>,
  counts: Counts,
  options: MeasureOptions,
): Promise<Cost> {
  const one = await measureTimes(runtime, await at(1), options);
  const many = await measureTimes(runtime, await at(usualBatch), options);
  return { ...counts, latencyMs: one.latencyMs, throughput: many.throughput.examplesPerSecond };
}

/** One after another: the engine has one set of threads. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  for (const item of items) out.push(await work(item));
  return out;
}

/** The model on the view that all models share. */
const viewModel = ({ splits, student, lower }: Opened, model: Model, { weights }: Trained): Promise<Uint8Array> =>
  serve({ model, weights, inputs: viewInputs(splits.test.example), preprocess: student.graph }, lower);

/** The delivered file against what was evaluated, on all test examples. */
async function parityOf(opened: Opened, { bytes, inputs }: DeliveredFile, evaluated: Matrix): Promise<Results['parity']> {
  const { runtime, splits } = opened;
  const session = await runtime.open(bytes);
  try {
    const { data } = await outputsOf(session, ownSet(opened, splits.test), inputs);
    return {
      maxAbsError: data.reduce((worst, v, i) => Math.max(worst, Math.abs(v - evaluated.data[i]!)), 0),
      examples: splits.test.size,
    };
  } finally {
    await session.release();
  }
}

/** The seed to deliver: the best on validation; its test result plays no part. */
function best(task: Task, pairs: readonly Pair[]): number {
  const sign = task.headline.higherIsBetter ? 1 : -1;
  let at = 0;
  pairs.forEach(({ distilled }, i) => {
    if (sign * distilled.bestValue > sign * pairs[at]!.distilled.bestValue) at = i;
  });
  return at;
}
