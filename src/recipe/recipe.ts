import { z } from 'zod';
import { augmentationSchema } from '../data/augmentations.ts';
import { preprocessSchema } from '../data/preprocess.ts';
import { dataSchema } from '../data/sources.ts';
import { lossSchema } from '../methods/index.ts';
import { repairSchema } from '../methods/repairs/list.ts';
import { shorthandSchema } from '../methods/shorthand.ts';
import { type ArchitectureOptions, architectureSchema } from '../models/architectures/list.ts';
import { type ImportedOptions, importedModel, textInputsSchema } from '../models/imported-options.ts';
import { optimizerSchema } from '../optim/presets.ts';
import { exportSchema } from './export.ts';
import { initialiseSchema } from './initialise.ts';

const training = z.strictObject({
  epochs: z.int().min(1).default(20).describe('How often all of the training data is seen'),
  batchSize: z.int().min(1).default(128).describe('Examples per step; a last, smaller batch is left out'),
  buckets: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe(
      'Of texts: how many lengths batches may have; each holds texts of like length, padded to that. 1: all to the longest',
    ),
  optimizer: optimizerSchema.prefault({ kind: 'sgd' }).describe('How gradients become updates'),
  augment: z
    .array(augmentationSchema)
    .default([])
    .describe('Changes of the input in every epoch; teacher and student see the same view'),
  earlyStopping: z
    .strictObject({
      patience: z.int().min(1).describe('Epochs without a better validation score before training stops'),
    })
    .optional()
    .describe('Stop when validation no longer gets better'),
  keep: z
    .array(z.int().min(1))
    .min(1)
    .optional()
    .describe('Epochs after which the weights are kept too, for a teacher that is not trained to the end: { kind: run, epoch }'),
});
export type Training = z.output<typeof training>;

/** By name: written out, the types of all losses would be longer than a declaration may be, wherever losses stand. */
export interface LossList extends Array<z.output<typeof lossSchema>> {}
export interface LossInputs extends Array<z.input<typeof lossSchema>> {}
const losses: z.ZodType<LossList, LossInputs> = z.array(lossSchema).min(1);

const stage = z.strictObject({
  losses: losses.describe('Losses of this stage, summed with their weights'),
  epochs: z.int().min(1).describe('How often all of the training data is seen'),
  optimizer: optimizerSchema.optional().describe('How gradients become updates; by default as in the main training'),
  augment: z
    .array(augmentationSchema)
    .optional()
    .describe('Changes of the input in this stage; by default as in the main training'),
});

const outputName = z
  .string()
  .min(1)
  .optional()
  .describe('Name of the output or inner tensor that holds the logits; by default the only output, or the one called logits');

const ownPreprocess = preprocessSchema
  .optional()
  .describe('How the model wants its input; by default pictures are standardised by the mean and deviation of the training data');

const onnxTeacher = z.strictObject({
  kind: z.literal('onnx'),
  model: z.string().min(1).describe('Path of the ONNX file, or hf:owner/name of the Hugging Face Hub'),
  logits: outputName,
  probabilities: z.boolean().default(false).describe('The output is already a softmax; its logarithm is taken as logits'),
  preprocess: preprocessSchema.prefault({}).describe('How the teacher wants its input'),
  taps: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'Roles of inner tensors, such as { hidden.0: layer1.2.out, embedding: features }; losses may also use tensor names',
    ),
  inputs: textInputsSchema.optional(),
  pooling: z
    .enum(['mean', 'first'])
    .optional()
    .describe(
      'Of texts without labels: the vector of a text from those of its tokens, their mean unless told, or the first ([CLS])',
    ),
  classes: z
    .array(z.array(z.int().min(0)).min(1))
    .min(2)
    .optional()
    .describe(
      'For each class of the data the classes of the teacher that mean it; their probabilities are added, the rest is left out',
    ),
});

export type StudentModelOptions = ArchitectureOptions | ImportedOptions;
type StudentModelInput = z.input<typeof architectureSchema> | z.input<typeof importedModel.options>;
/** A type with a name. */
export interface StudentModelSchema extends z.ZodType<StudentModelOptions, StudentModelInput> {}
/** A model that can be trained. */
export const studentModel: StudentModelSchema = z.discriminatedUnion('kind', [
  ...architectureSchema.options,
  importedModel.options,
]);

const trainedTeacher = z.strictObject({
  kind: z.literal('train'),
  model: studentModel.describe('Architecture of the teacher, or an ONNX file, trained by this run before the student'),
  preprocess: ownPreprocess,
  stages: z
    .array(stage)
    .default([])
    .describe('Trainings of the teacher before the main one, such as on texts without labels; their losses ask no teacher'),
  training: training.prefault({}).describe('How the teacher is trained'),
  smoothing: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Label smoothing of its training; smoothing a teacher makes it a worse one (Müller et al. 2019)'),
  seed: z
    .int()
    .min(0)
    .optional()
    .describe('Seed of its training; by default the first of the run. Members of an ensemble need different ones'),
});

const runTeacher = z.strictObject({
  kind: z.literal('run'),
  run: z.string().min(1).describe('Folder of a finished run, such as runs/first: its student is the teacher'),
  side: z.enum(['distilled', 'scratch']).default('distilled').describe('Which of its students'),
  seed: z.int().min(0).optional().describe('Which of its seeds; by default the best on validation'),
  epoch: z
    .int()
    .min(1)
    .optional()
    .describe('Its weights as they were after this epoch, one of its training.keep; by default the best on validation'),
});

const ensembleTeacher = z.strictObject({
  kind: z.literal('ensemble'),
  members: z
    .array(z.discriminatedUnion('kind', [onnxTeacher, trainedTeacher, runTeacher]))
    .min(1)
    .describe('The teachers'),
  mean: z
    .enum(['probabilities', 'logits'])
    .default('probabilities')
    .describe('What is averaged to the one prediction that losses know as logits'),
  weights: z
    .union([z.enum(['equal', 'validation']), z.array(z.number().min(0)).min(1)])
    .default('equal')
    .describe(
      'Weights of the members in that mean; validation: softmax of minus their negative log-likelihood on the validation split',
    ),
});

const anyTeacher = z.discriminatedUnion('kind', [onnxTeacher, trainedTeacher, runTeacher, ensembleTeacher]);
/** A type with a name, as that of the student's model: spelt out in the type of a recipe both would be more than the compiler writes. */
export interface TeacherSchema extends z.ZodType<z.output<typeof anyTeacher>, z.input<typeof anyTeacher>> {}
const teacher: TeacherSchema = anyTeacher;

const runtime = z.strictObject({
  provider: z.enum(['cpu', 'webgpu', 'cuda']).default('cpu').describe('Where ONNX Runtime runs'),
  threads: z.int().min(1).max(256).optional().describe('Threads of one session; by default all processors'),
});

/** What a run is, as data. Parse with `parseRecipe`. */
export const recipeSchema = z.strictObject({
  version: z.literal(1).default(1).describe('Version of this format'),
  name: z.string().min(1).max(120).default('run').describe('Name in reports and of the run folder'),
  data: dataSchema.describe('What to train on'),
  teacher: teacher.optional().describe('What to learn from; without one the student is trained on labels alone'),
  student: z
    .strictObject({
      model: studentModel.describe('Architecture of the student, or an ONNX file that is trained on'),
      preprocess: ownPreprocess,
      initialise: initialiseSchema
        .optional()
        .describe('Where its weights start, instead of chance; the scratch control always starts from chance'),
      embedding: z
        .union([z.enum(['teacher', 'own']), z.int().min(1)])
        .optional()
        .describe(
          'For data without labels: how many numbers its vector has. teacher, unless told: as many as the teacher gives, by a linear layer where it has others; own: as many as its head reads',
        ),
    })
    .describe('What is trained and exported'),
  losses: losses.optional().describe('Losses of the student, summed with their weights'),
  objective: shorthandSchema
    .optional()
    .describe('Short form of losses: soft targets of the teacher and hard labels, mixed by alpha'),
  repairs: z
    .array(repairSchema)
    .default([])
    .describe("Changes of the teacher's answers before the losses see them, in this order"),
  balance: z
    .enum(['none', 'gradient'])
    .default('none')
    .describe(
      'gradient: weights are shares of the gradient: each loss is scaled so that at weight 1 it pulls as hard as the first, measured after every epoch',
    ),
  stages: z
    .array(stage)
    .default([])
    .describe(
      'Trainings of the student before the main one, each going on from the weights of the one before; the scratch control trains as long in all',
    ),
  training: training.prefault({}).describe('How the student is trained; the scratch control gets the same'),
  controls: z
    .strictObject({
      scratch: z.boolean().default(true).describe('Also train the same student on labels alone, with the same budget and seeds'),
    })
    .prefault({})
    .describe('What the distilled student is compared with'),
  seeds: z
    .union([z.int().min(1).max(100), z.array(z.int().min(0)).min(1)])
    .default(1)
    .describe('Number of repetitions (seeds 1, 2, …) or the seeds themselves'),
  cacheTeacher: z.boolean().default(true).describe('Keep the outputs of the teacher where the view of an example never changes'),
  examples: z.int().min(0).max(200).default(24).describe('Examples shown in the report'),
  export: exportSchema.prefault({}).describe('In which types the student is delivered beside float32'),
  runtime: runtime.prefault({}).describe('The engine'),
});

export type RecipeInput = z.input<typeof recipeSchema>;
type Parsed = z.output<typeof recipeSchema>;
/** A recipe with every default filled in, but for the losses of one that names none: they depend on what its data asks for. */
export type Recipe = Readonly<Omit<Parsed, 'losses' | 'objective' | 'seeds'>> & {
  readonly losses?: readonly z.output<typeof lossSchema>[];
  /** Instead of `losses`; absent too where there is no teacher to learn from. */
  readonly objective?: z.output<typeof shorthandSchema> | undefined;
  readonly seeds: readonly number[];
};
/** A recipe whose losses are those of its task. */
export type Settled = Omit<Recipe, 'objective'> & Required<Pick<Recipe, 'losses'>>;
export type TeacherOptions = NonNullable<Recipe['teacher']>;
