import { type Dataset, targetSize, vocabularyOf } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import { loadModelFile } from '../data/model-file.ts';
import { type Preprocess, preprocessedShape, preprocessSchema } from '../data/preprocess.ts';
import { openData } from '../data/sources.ts';
import { Graph } from '../graph/graph.ts';
import { type ImportedModel, importModel } from '../models/import.ts';
import { preprocessGraph } from '../models/preprocess.ts';
import type { TextPart } from '../models/text-inputs.ts';
import { refuseOtherIds } from '../models/vocabulary.ts';
import { encode } from '../onnx/encode.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { fitTeacher } from '../teachers/onnx.ts';
import { MismatchError } from './error.ts';
import { ask, logitsOutput, taskOf } from './evaluate.ts';
import { tuned } from './lowering.ts';
import { openShape, viewInput } from './objective.ts';

export interface EvaluateOptions {
  readonly runtime: Runtime;
  /** Folder that paths of the recipe's data start from; the working directory by default. */
  readonly dataFolder?: string;
  /** How `hf:` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
}

/** How good a model file is on data that nothing was chosen by. */
export interface Evaluation {
  readonly model: string;
  readonly data: string;
  readonly split: 'test';
  readonly examples: number;
  /** How the pictures were brought to the model, in words. */
  readonly input: string;
  /** As in `results.json`, without what needs a teacher. */
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
  { runtime, dataFolder: folder = '.', hub }: EvaluateOptions,
): Promise<Evaluation> {
  const model = await importModel(loadModelFile(path), runtime, { open: true });
  const { name, test } = await openData(recipe.data, { folder, hub });
  const { words, preprocess, logits, probabilities, inputs } = inputFor(model, recipe, test);
  const open = openShape(test.example);
  // Texts come in many lengths; of everything else sizes that are known are the faster ones.
  const fixed = open.every((d) => typeof d === 'number') ? batch : null;
  const fitted = await fitTeacher(model, {
    shape: fixed === null ? ['N', ...open] : [fixed, ...preprocessedShape(preprocess, test.example)],
    preprocess: (view) => preprocessGraph(view, preprocess),
    logits,
    probabilities,
    ...(inputs && { inputs }),
  });
  refuseOtherIds('model', path, fitted.vocabulary, vocabularyOf(test.example).vocabulary);
  const graph = new Graph();
  const view = graph.input(viewInput, { dtype: 'float32', shape: [fixed ?? 'N', ...open] });
  graph.output(logitsOutput, fitted.build(graph, view).logits);
  const outputs = await ask(runtime, encode(await tuned(runtime)(graph)), test, { batch: fixed });
  const wanted = targetSize(test);
  if (outputs.width !== wanted) {
    throw new MismatchError(
      `${path}: it gives ${outputs.width} numbers for an example, and the data of the recipe has ${wanted} ${test.classes ? 'classes' : 'targets'}; expected one for each`,
    );
  }
  return {
    model: path,
    data: name,
    split: 'test',
    examples: test.size,
    input: words,
    metrics: taskOf(test).metrics(outputs, test, null),
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
  if (metadata.potstill !== undefined) return { ...plain, words: 'preprocessing inside the file' };
  if (teacher?.kind !== 'onnx')
    return { ...plain, words: `${plainWords[example.layout]}: the recipe has no teacher file to say otherwise` };
  const { preprocess, logits, probabilities, inputs } = teacher;
  return { preprocess, logits, probabilities, inputs, words: 'as teacher.preprocess of the recipe says' };
}
