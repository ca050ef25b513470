import { subset } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import { openData } from '../data/sources.ts';
import { explainLogits } from '../explain/explain.ts';
import type { Explanation } from '../explain/knowledge.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { MismatchError } from './error.ts';
import { ask, labelsOf } from './evaluate.ts';
import { knowledgeOf } from './knowledge.ts';
import { reliability, softmaxRows } from './metrics.ts';
import { taskOf } from './tasks/of.ts';
import { openFinishedTeacher } from './teachers/finished.ts';
import { refuseOtherClasses } from './teachers/open.ts';
import { version } from './version.ts';

/** The parts of the data that a teacher can be asked about. */
export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export interface ExplainTeacherOptions {
  readonly runtime: Runtime;
  /** Folder that paths of the recipe start from; the working directory by default. */
  readonly dataFolder?: string;
  /** How `hf:` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
  /** Folder of a run of the recipe: where a teacher that the run trained is kept. */
  readonly run?: string | undefined;
  /** What the teacher is asked about; `train` by default, since that is what the student learns from. */
  readonly split?: SplitName | undefined;
  /** At most so many examples, spread evenly over the split. */
  readonly limit?: number | undefined;
  /** Of the soft targets that classes are compared by; by default the one to start from. */
  readonly temperature?: number | undefined;
  /** Examples of each list that are shown; 12 by default. */
  readonly examples?: number | undefined;
  /** Called with what is about to be asked, before it takes its time. */
  readonly onAsk?: (what: { readonly teacher: string; readonly split: SplitName; readonly examples: number }) => void;
}

/**
 * Asks the teacher of a recipe about a part of its data and says what its soft targets hold. Trains nothing: a teacher of the kind
 * `train` is taken from the folder of a run.
 * @throws MismatchError where there is no classifier to ask, FileError where a trained teacher is missing, and what opening data
 * and models throws.
 */
export async function explainTeacher(recipe: Recipe, options: ExplainTeacherOptions): Promise<Explanation> {
  const {
    runtime,
    dataFolder: folder = '.',
    hub,
    run = null,
    split = 'train',
    limit,
    temperature,
    examples = 12,
    onAsk,
  } = options;
  if (!recipe.teacher) {
    throw new MismatchError(
      'teacher: found none in the recipe; expected one to explain; name its file: teacher: { kind: onnx, model: teacher.onnx }',
    );
  }
  const splits = await openData(recipe.data, { folder, hub });
  const { classes } = splits.train;
  if (!classes || !taskOf(splits.train).explains) {
    const names = splits.train.targets.map((t) => t.name).join(', ');
    throw new MismatchError(
      `data: found ${taskOf(splits.train).found}${names && ` (${names})`}; expected a class for each example; only a classifier has soft targets to explain`,
    );
  }
  const picked = spread(splits[split].size, limit);
  if (picked.length === 0) {
    throw new MismatchError(`--split: found no ${split} examples in ${splits.name}; expected at least one; choose another split`);
  }
  const dataset = subset(splits[split], picked);
  const teacher = (await openFinishedTeacher(recipe, splits, { runtime, folder, hub, run }))!;
  refuseOtherClasses(teacher, splits);
  onAsk?.({ teacher: teacher.name, split, examples: dataset.size });
  const logits = await ask(runtime, teacher.bytes, dataset, teacher);
  const labels = labelsOf(dataset);
  const explained = explainLogits(logits, labels, { temperature });
  const { accuracy, ece } = taskOf(dataset).metrics(logits, dataset, null);
  const measured = explained.labelled > 0;
  return {
    version: 1,
    potstill: version,
    name: recipe.name,
    teacher: teacher.name,
    data: splits.name,
    split,
    size: splits[split].size,
    classes,
    accuracy: measured ? accuracy! : null,
    ece: measured ? ece! : null,
    reliability: reliability(softmaxRows(logits), logits.rows, logits.width, labels),
    knowledge: await knowledgeOf(explained, { logits, dataset, count: examples, place: (i) => picked[i]! }),
    curriculum: Array.from(explained.curriculum, (i) => picked[i]!),
  };
}

/** `limit` of `size` indices, evenly spread; all of them without a limit. */
function spread(size: number, limit = size): Uint32Array {
  const count = Math.min(size, limit);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
}
