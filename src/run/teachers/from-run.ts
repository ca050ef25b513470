import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { answerSize, vocabularyOf } from '../../data/dataset.ts';
import { preprocessedShape, preprocessSchema, settledPreprocess } from '../../data/preprocess.ts';
import type { Value } from '../../graph/graph.ts';
import { type Shape, showShape } from '../../graph/type.ts';
import { sizesOf } from '../../models/build.ts';
import type { ModelShape } from '../../models/define.ts';
import { preprocessGraph } from '../../models/preprocess.ts';
import { parseRecipeText } from '../../recipe/parse.ts';
import type { StudentModelOptions, TeacherOptions } from '../../recipe/recipe.ts';
import { MismatchError } from '../error.ts';
import { readResults } from '../read-record.ts';
import type { Results } from '../record.ts';
import { jobStore, type Tensors } from '../store.ts';
import { openModel } from '../student-model.ts';
import { taskOf } from '../tasks/of.ts';
import { type Built, builtPart } from './built.ts';
import type { OpenPart, TeacherContext } from './define.ts';

export type RunTeacher = Extract<TeacherOptions, { kind: 'run' }>;

/** The student of a finished run, its roles those of its architecture. */
export const openFromRun: OpenPart<RunTeacher> = async (options, context, path) => {
  const { built, name, architecture } = await openRunModel(options, context, path);
  return { ...builtPart(built), name, ...(architecture.kind !== 'onnx' && { options: architecture as never }) };
};

interface RunModel {
  readonly built: Built;
  /** Of the run and its architecture. */
  readonly name: string;
  readonly architecture: StudentModelOptions;
}

/** The student of a finished run as a model with its weights. @throws MismatchError if it is of other sizes, or its weights are gone. */
export async function openRunModel(
  options: RunTeacher,
  { splits, runtime, folder, hub }: Pick<TeacherContext, 'splits' | 'runtime' | 'folder' | 'hub'>,
  path: string,
): Promise<RunModel> {
  const directory = resolve(folder, options.run);
  const results = await readResults(directory);
  const recipe = parseRecipeText(await readFile(join(directory, 'recipe.yaml'), 'utf8'), join(directory, 'recipe.yaml'));
  const { example } = splits.train;
  const spec = preprocessSchema.parse(results.preprocess ?? recipe.student.preprocess ?? {});
  const shape: ModelShape = {
    input: preprocessedShape(spec, example),
    outputs: results.data.outputs ?? results.data.classes?.length ?? answerSize(splits.train),
    ...(results.data.perToken && { perToken: true }),
    ...vocabularyOf(example),
  };
  const settled = settledPreprocess(spec, example);
  const task = taskOf(splits.train);
  const opened = await openModel(recipe.student.model, shape, { runtime, folder, hub });
  // What it gives is its embedding where it was trained to give one.
  const model = results.task === task.name ? task.student(opened) : opened;
  const weights = await weightsOf(directory, options, results, path);
  refuseOtherSizes(`${path}.run`, options.run, sizesOf(model, shape), weights);
  const built = { model, shape, input: { graph: (view: Value) => preprocessGraph(view, settled) }, weights };
  return { built, name: `${results.name} (${model.name})`, architecture: recipe.student.model };
}

/** Weights of the seed that was asked for, or of the one that did best on validation, at the end or after the epoch that was asked for. */
async function weightsOf(directory: string, { side, seed, epoch }: RunTeacher, results: Results, path: string): Promise<Tensors> {
  const sign = results.headline.higherIsBetter ? 1 : -1;
  let best: { readonly value: number; readonly weights: Tensors } | null = null;
  for (const candidate of seed === undefined ? results.seeds : [seed]) {
    const folder = join(directory, 'checkpoints', `${side}-${candidate}`);
    const found = existsSync(folder) ? await jobStore(folder).finished() : undefined;
    if (!found) {
      throw new MismatchError(
        `${path}: found no weights of ${side} seed ${candidate} in ${directory}; expected one of the seeds ${results.seeds.join(', ')} and a run that kept its checkpoints; finish the run with --resume, or name another seed`,
      );
    }
    const value = sign * found.result.bestValue;
    if (best && value <= best.value) continue;
    const weights = epoch === undefined ? found.weights : await jobStore(folder).kept(epoch);
    if (!weights) {
      throw new MismatchError(
        `${path}.epoch: found no weights of epoch ${epoch} in ${folder}; expected one that the run kept and reached; run it with training.keep: [${epoch}]`,
      );
    }
    best = { value, weights };
  }
  return best!.weights;
}

function refuseOtherSizes(path: string, run: string, sizes: ReadonlyMap<string, Shape>, weights: Tensors): void {
  for (const [name, shape] of sizes) {
    const found = weights[name];
    if (found && showShape(found.shape) === showShape(shape)) continue;
    throw new MismatchError(
      `${path}: the weights '${name}' of ${run} are ${found ? showShape(found.shape) : 'missing'}, and for this data they would be ${showShape(shape)}; ` +
        'expected a run on data of the same sizes (and the same tokenizer); give its exported file instead: teacher: { kind: onnx, model: …/student/onnx/model.onnx }',
    );
  }
}
