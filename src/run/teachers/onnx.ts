import { basename } from 'node:path';
import { vocabularyOf } from '../../data/dataset.ts';
import { resolveModel } from '../../data/hub/resolve.ts';
import { loadModelFile } from '../../data/model-file.ts';
import { preprocessedShape, settledPreprocess } from '../../data/preprocess.ts';
import type { Value } from '../../graph/graph.ts';
import { nearest } from '../../graph/nearest.ts';
import { type Shape, showShape } from '../../graph/type.ts';
import { mapClasses } from '../../losses/responses/map-classes.ts';
import { guessed } from '../../models/guessed.ts';
import { importModel } from '../../models/import.ts';
import { pooled } from '../../models/pooled.ts';
import { preprocessGraph } from '../../models/preprocess.ts';
import { isGuessed, mostGuesses } from '../../models/tokens.ts';
import { refuseOtherIds } from '../../models/vocabulary.ts';
import { pick } from '../../ops/gather.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { type FittedTeacher, fitTeacher, TeacherError } from '../../teachers/onnx.ts';
import { openShape } from '../objective.ts';
import { taskKey } from '../tasks/define.ts';
import type { OpenPart } from './define.ts';
import { encoderOf } from './encoder.ts';

type OnnxOptions = Extract<TeacherOptions, { kind: 'onnx' }>;

/** A model file of the user's. */
export const openOnnx: OpenPart<OnnxOptions> = async (options, { splits, folder, hub, runtime, recipe }, path) => {
  const { example } = splits.train;
  const file = loadModelFile(await resolveModel(options.model, { folder, hub }, `${path}.model`));
  const model = await importModel(file, runtime, { open: true });
  const preprocessed = preprocessedShape(options.preprocess, example);
  const spec = settledPreprocess(options.preprocess, example);
  const fittedFor = (batch: Shape): Promise<FittedTeacher> =>
    fitTeacher(model, {
      shape: batch,
      preprocess: (view) => preprocessGraph(view, spec),
      logits: options.logits,
      probabilities: options.probabilities,
      ...(options.inputs && { inputs: options.inputs }),
    });
  const open = openShape(example);
  const anyLength = open.some((d) => typeof d === 'string');
  const fitted = await fittedFor(anyLength ? ['N', ...open] : [recipe.training.batchSize, ...preprocessed]);
  refuseOtherIds(path, options.model, fitted.vocabulary, vocabularyOf(example).vocabulary);
  const [batch] = fitted.tensors.get(fitted.logits)!;
  const named = [...fitted.tensors].flatMap(([name, [first, ...of]]) =>
    first === batch && of.every((d) => typeof d === 'number' || open.includes(d)) ? [[name, of as Shape] as const] : [],
  );
  const byName = new Map(named);
  const answer = byName.get(fitted.logits) ?? [];
  const logits = answer.length === 2 && anyLength ? answer : [answer.reduce<number>((n, d) => n * Number(d), 1)];
  // A model of the language says what it takes each hidden token for.
  const guesses =
    logits.length === 2 && logits[1] === fitted.vocabulary
      ? new Map<string, Shape>([['masked', [mostGuesses(example.shape[1]!), logits[1]!]]])
      : undefined;
  const roles = Object.entries(options.taps).map(([role, tensor]) => {
    const shape = byName.get(tensor);
    if (shape) return [role, shape] as const;
    const near = nearest(tensor, byName.keys()).map((n) => `${n} ${showShape(byName.get(n)!)}`);
    throw new TeacherError(
      `${path}.taps.${role}: ${options.model} has no tensor '${tensor}' with an example in each row; the nearest are ${near.join(', ')} ` +
        '(potstill inspect lists all)',
    );
  });
  return {
    name: basename(options.model),
    offer: new Map([...named, ...roles, ['logits', options.classes ? [options.classes.length] : logits]]),
    ...(guesses && { guesses }),
    // What an encoder gives is its vector; that of a classifier is what its last layer reads.
    vector: {
      tap:
        options.taps.embedding !== undefined || (fitted.logits === 'logits' && model.metadata[taskKey] !== 'embedding')
          ? 'embedding'
          : 'logits',
      of: (v, view) => (v.rank === 3 && options.pooling === 'first' ? pick(v, 0, 1) : pooled(v, view, `${path}: the embedding`)),
    },
    // The sizes of texts are names; an engine that knows the size of pictures has faster ways for convolutions.
    fixedBatch: !anyLength,
    vocabulary: fitted.vocabulary,
    encoder: () =>
      encoderOf(file, {
        engine: runtime,
        example: example.shape,
        vocabulary: vocabularyOf(example).vocabulary,
        logits: options.logits,
        inputs: options.inputs,
        where: path,
      }),
    async build(graph, view, taps) {
      const built = (await fittedFor(anyLength ? view.shape : [view.shape[0]!, ...preprocessed])).build(graph, view);
      const mapped = (): Value => (options.classes ? mapClasses(built.logits, options.classes, 'drop') : built.logits);
      const hidden = isGuessed(view.shape) ? guessed(path, view, built.logits, fitted.vocabulary) : new Map<string, Value>();
      const of = (tap: string): Value => hidden.get(tap) ?? built.at(options.taps[tap] ?? tap);
      return new Map(taps.map((tap) => [tap, tap === 'logits' ? mapped() : of(tap)]));
    },
    parameters: model.parameterCount,
    size: model.bytes,
    members: 1,
    bestEpoch: null,
    seconds: 0,
  };
};
