import { answerSize, type Dataset, vocabularyOf } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import { loadModelFile } from '../data/model-file.ts';
import { type Preprocess, preprocessedShape, preprocessSchema, settledPreprocess } from '../data/preprocess.ts';
import { openData } from '../data/sources.ts';
import { Graph } from '../graph/graph.ts';
import { showShape } from '../graph/type.ts';
import { type ImportedModel, importModel } from '../models/import.ts';
import { preprocessGraph } from '../models/preprocess.ts';
import type { TextPart } from '../models/text-inputs.ts';
import { refuseOtherIds } from '../models/vocabulary.ts';
import { encode } from '../onnx/encode.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { fitTeacher } from '../teachers/onnx.ts';
import { MismatchError } from './error.ts';
import { ask, logitsOutput } from './evaluate.ts';
import { tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import { openShape, viewInput } from './objective.ts';
import { columnsKey } from './tasks/define.ts';
import { taskOf } from './tasks/of.ts';
import { openFinishedTeacher } from './teachers/finished.ts';
import { refuseWithoutExamples } from './without-examples.ts';

export interface EvaluateOptions {
  readonly runtime: Runtime;
  /** Folder that paths of the recipe's data start from; the working directory by default. */
  readonly dataFolder?: string;
  /** How `hf:` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
  /** Folder of a run of the recipe: where a teacher is kept that the run trained and that the model is compared with. */
  readonly run?: string | undefined;
}

/** How good a model file is on data that nothing was chosen by. */
export interface Evaluation {
  readonly model: string;
  readonly data: string;
  readonly split: 'test';
  readonly examples: number;
  /** How the pictures were brought to the model, in words. */
  readonly input: string;
  /** As in `results.json`, without what needs a teacher; for data without labels against the teacher of the recipe. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Examples at a time. */
const batch = 128;

/**
 * Measures an ONNX model on the test split of a recipe's data. Its input is made as `teacher.preprocess` of the recipe says; files
 * that Potstill exported have theirs inside.
 * @throws DataError, OnnxError, ModelError, MismatchError if the model does not fit the data.
 */
export async function evaluateFile(
  path: string,
  recipe: Recipe,
  { runtime, dataFolder: folder = '.', hub, run }: EvaluateOptions,
): Promise<Evaluation> {
  const model = await importModel(loadModelFile(path), runtime, { open: true });
  const splits = await openData(recipe.data, { folder, hub });
  refuseWithoutExamples(splits, ['test']);
  const { name, test } = splits;
  const task = taskOf(test);
  const { words, preprocess, logits, probabilities, inputs } = inputFor(model, recipe, test);
  const open = openShape(test.example);
  // Texts come in many lengths; of everything else sizes that are known are the faster ones.
  const fixed = open.every((d) => typeof d === 'number') ? batch : null;
  const fitted = await fitTeacher(model, {
    shape: fixed === null ? ['N', ...open] : [fixed, ...preprocessedShape(preprocess, test.example)],
    preprocess: (view) => preprocessGraph(view, settledPreprocess(preprocess, test.example)),
    logits,
    probabilities,
    ...(inputs && { inputs }),
  });
  refuseOtherIds('model', path, fitted.vocabulary, vocabularyOf(test.example).vocabulary);
  const graph = new Graph();
  const view = graph.input(viewInput, { dtype: 'float32', shape: [fixed ?? 'N', ...open] });
  const given = task.given(fitted.build(graph, view).logits, view);
  graph.output(logitsOutput, given);
  if (!task.comparable(given.shape.slice(1), test)) {
    const wanted = answerSize(test);
    throw new MismatchError(
      `${path}: it gives ${showShape(given.shape.slice(1))} for an example, and the data of the recipe has ${wanted} ${test.classes ? 'classes' : 'targets'}; expected one for each`,
    );
  }
  const outputs = await ask(runtime, encode(await tuned(runtime)(graph)), test, { batch: fixed });
  const teacherOf = async (): Promise<Matrix | null> => {
    if (task.hardLoss) return null;
    const teacher = await openFinishedTeacher(recipe, splits, { runtime, folder, hub, run: run ?? null });
    if (teacher) return ask(runtime, teacher.bytes, test, teacher);
    throw new MismatchError(
      `teacher: found none in the recipe, and data with ${task.found}; expected a teacher to compare ${path} with; add one, or give the data labels`,
    );
  };
  return {
    model: path,
    data: name,
    split: 'test',
    examples: test.size,
    input: words,
    metrics: task.metrics(outputs, test, await teacherOf()),
  };
}

interface InputWay {
  readonly words: string;
  readonly preprocess: Preprocess;
  readonly logits: string | undefined;
  readonly probabilities: boolean;
  readonly inputs?: Readonly<Record<string, TextPart>> | undefined;
}

const plainWords: Readonly<Record<Dataset['example']['layout'], string>> = {
  image: 'pictures 0…1 as they are',
  vector: 'rows as they are',
  tokens: 'tokens',
};

function inputFor({ metadata }: ImportedModel, { teacher }: Recipe, { example }: Dataset): InputWay {
  const plain = { preprocess: preprocessSchema.parse({}), logits: undefined, probabilities: false };
  const columns = metadata[columnsKey];
  if (columns !== undefined) {
    const preprocess = preprocessSchema.parse({ columns: JSON.parse(columns) as unknown });
    return { ...plain, preprocess, words: `its ${preprocess.columns!.length} columns alone` };
  }
  if (metadata.potstill !== undefined) return { ...plain, words: 'preprocessing inside the file' };
  if (teacher?.kind !== 'onnx')
    return { ...plain, words: `${plainWords[example.layout]}: the recipe has no teacher file to say otherwise` };
  const { preprocess, logits, probabilities, inputs } = teacher;
  return { preprocess, logits, probabilities, inputs, words: 'as teacher.preprocess of the recipe says' };
}
