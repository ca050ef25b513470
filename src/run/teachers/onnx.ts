import { basename, resolve } from 'node:path';
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
import type { OpenPart } from './define.ts';

type OnnxOptions = Extract<TeacherOptions, { kind: 'onnx' }>;

/** A model file of the user's. */
export const openOnnx: OpenPart<OnnxOptions> = async (options, { splits, folder, runtime, recipe }, path) => {
  const { example } = splits.train;
  const model = await importModel(loadModelFile(resolve(folder, options.model)), runtime, { open: true });
  const fittedFor = (batch: number): Promise<FittedTeacher> =>
    fitTeacher(model, {
      batch,
      preprocess: (view) => preprocessGraph(view, options.preprocess),
      preprocessed: preprocessedShape(options.preprocess, example),
      logits: options.logits,
      probabilities: options.probabilities,
    });
  const usual = recipe.training.batchSize;
  const { tensors, logits } = await fittedFor(usual);
  const perExample = (shape: Shape | undefined): Shape | undefined => (shape?.[0] === usual ? shape.slice(1) : undefined);
  const width = options.classes?.length ?? perExample(tensors.get(logits))!.reduce<number>((n, d) => n * Number(d), 1);
  const named = [...tensors].flatMap(([name, shape]) => {
    const of = perExample(shape);
    return of ? [[name, of] as const] : [];
  });
  const byName = new Map(named);
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
    offer: new Map([...named, ...roles, ['logits', [width]]]),
    fixedBatch: true,
    async build(graph, view, taps) {
      const built = (await fittedFor(view.shape[0] as number)).build(graph, view);
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
