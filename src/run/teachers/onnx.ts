import { basename, resolve } from 'node:path';
import type { ExampleType } from '../../data/dataset.ts';
import { loadModelFile } from '../../data/model-file.ts';
import { preprocessedShape } from '../../data/preprocess.ts';
import type { Value } from '../../graph/graph.ts';
import { nearest } from '../../graph/nearest.ts';
import { type Shape, showShape } from '../../graph/type.ts';
import { mapClasses } from '../../losses/responses/map-classes.ts';
import { importModel } from '../../models/import.ts';
import { preprocessGraph } from '../../models/preprocess.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { type FittedTeacher, fitTeacher, TeacherError } from '../../teachers/onnx.ts';
import { openShape } from '../objective.ts';
import type { OpenPart } from './define.ts';

type OnnxOptions = Extract<TeacherOptions, { kind: 'onnx' }>;

/** A model file of the user's. */
export const openOnnx: OpenPart<OnnxOptions> = async (options, { splits, folder, runtime, recipe }, path) => {
  const { example } = splits.train;
  const model = await importModel(loadModelFile(resolve(folder, options.model)), runtime, { open: true });
  const fittedFor = (batch: Shape): Promise<FittedTeacher> =>
    fitTeacher(model, {
      shape: batch,
      preprocess: (view) => preprocessGraph(view, options.preprocess),
      logits: options.logits,
      probabilities: options.probabilities,
    });
  const open = openShape(example);
  const anyLength = open.some((d) => typeof d === 'string');
  const preprocessed = preprocessedShape(options.preprocess, example);
  const fitted = await fittedFor(anyLength ? ['N', ...open] : [recipe.training.batchSize, ...preprocessed]);
  refuseOtherWords(fitted.vocabulary, example, options.model);
  const [batch] = fitted.tensors.get(fitted.logits)!;
  const named = [...fitted.tensors].flatMap(([name, [first, ...of]]) =>
    first === batch && of.every((d) => typeof d === 'number' || open.includes(d)) ? [[name, of as Shape] as const] : [],
  );
  const byName = new Map(named);
  const answer = byName.get(fitted.logits) ?? [];
  const logits = answer.length === 2 && anyLength ? answer : [answer.reduce<number>((n, d) => n * Number(d), 1)];
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
    fixedBatch: true,
    async build(graph, view, taps) {
      const built = (await fittedFor(anyLength ? view.shape : [view.shape[0]!, ...preprocessed])).build(graph, view);
      const mapped = (): Value => (options.classes ? mapClasses(built.logits, options.classes, 'drop') : built.logits);
      return new Map(taps.map((tap) => [tap, tap === 'logits' ? mapped() : built.at(options.taps[tap] ?? tap)]));
    },
    parameters: model.parameterCount,
    size: model.bytes,
    members: 1,
    bestEpoch: null,
    seconds: 0,
  };
};

/** Ids that a model has no row for would end the engine's run in the middle. */
function refuseOtherWords(vocabulary: number | undefined, example: ExampleType, file: string): void {
  const known = 'text' in example ? example.text.vocabulary : 0;
  if (vocabulary === undefined || known <= vocabulary) return;
  throw new TeacherError(
    `teacher: ${file} knows ids from 0 to ${vocabulary - 1}, and the tokenizer of the data gives ids up to ${known - 1}; ` +
      'take the tokenizer that belongs to the model (data.tokenizer)',
  );
}
