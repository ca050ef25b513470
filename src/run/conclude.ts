import { targetSize, vocabularyOf } from '../data/dataset.ts';
import { transformersFolder } from '../export/transformers-folder.ts';
import { countParameters } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import type { Runtime } from '../runtime/port.ts';
import { type DeliveredFile, deliveredFile } from './delivered.ts';
import { deploy } from './deploy/deploy.ts';
import { detailsOf } from './details.ts';
import { disagreementOf } from './disagreement.ts';
import { ask, labelsOf, logitsOutput, macsOf, outputsOf, serve, type Task, taskOf, viewInputs } from './evaluate.ts';
import { toJson, writeFolder } from './files.ts';
import { type Counts, type MeasureOptions, measureTimes, timing, usualBatch } from './measure.ts';
import type { Matrix } from './metrics.ts';
import type { Opened, Pair } from './opened.ts';
import type { Cost, Disagreement, Results, RunRecord, Side } from './record.ts';
import { distils } from './scratch.ts';
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
  const { recipe, runtime, store, splits, student, teacher } = opened;
  const { test } = splits;
  const task = taskOf(test);
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
  const example = test.example.shape;
  const delivered = await deploy(recipe.export, {
    file,
    outputs: distilled[chosen]!.outputs,
    runtime,
    inputs: exported.inputs,
    train: splits.train,
    test,
    task,
    teacher: teacherOutputs,
  });
  const counts = {
    parameters: countParameters(model, { input: student.shape, outputs: targetSize(test), ...vocabularyOf(test.example) }),
    macs: await macsOf(model, student.graph, test),
    bytes: file.length,
  };
  const cost = await costOf(runtime, async () => file, counts, timing(test, exported.inputs));
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
      metrics: metricsOver(teacherOutputs ? [task.metrics(teacherOutputs, test, null)] : []),
      cost: await costOf(
        runtime,
        teacher.at,
        { parameters: teacher.parameters, macs: teacher.macs, bytes: teacher.size },
        // A file with fixed sizes takes the longest texts alone.
        timing(test, viewInputs(test.example), teacher.batch === null ? undefined : null),
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
    verdict: verdict(task.headline, headline(sides.scratch), headline(sides.distilled)!, distils(task, recipe)),
    parity,
    deployed: delivered.map((d) => d.facts),
    data: {
      name: splits.name,
      train: splits.train.size,
      validation: splits.validation.size,
      test: test.size,
      classes: test.classes,
      shape: example,
    },
    environment: { ...machine, onnxruntime: runtime.version, threads: runtime.threads, provider: runtime.provider },
    seconds: { teacher: teacher?.seconds ?? 0, scratch: seconds((p) => p.scratch), distilled: seconds((p) => p.distilled) },
  };
  const first = { teacher: teacherOutputs, scratch: scratch[0]?.outputs ?? null, distilled: distilled[0]!.outputs };
  const details = {
    ...(await detailsOf(first, test, recipe.examples, opened.notes)),
    ...(teacher &&
      teacherOutputs &&
      teacher.members > 1 &&
      test.classes && { disagreement: await disagreement(opened, teacherOutputs, first.distilled) }),
  };

  await writeFolder(
    store.path('student'),
    transformersFolder({
      onnx: file,
      inputs: exported.own,
      lighter: delivered.map(({ bytes, facts }) => ({ ...facts, onnx: bytes })),
      name: recipe.name,
      architecture: model.name,
      shape: example,
      classes: test.classes,
      targets: test.targets,
      columns: test.example.layout === 'vector' ? test.example.columns : [],
      text: test.example.layout === 'tokens' ? test.example.text : null,
      summary: results.verdict.sentence,
    }),
  );
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
async function parityOf(
  { runtime, splits }: Opened,
  { bytes, inputs }: DeliveredFile,
  evaluated: Matrix,
): Promise<Results['parity']> {
  const session = await runtime.open(bytes);
  try {
    const { data } = await outputsOf(session, splits.test, inputs);
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
