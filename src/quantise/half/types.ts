import { type DType, isFloat } from '../../graph/type.ts';
import { OnnxError } from '../../onnx/error.ts';
import type { Model, ModelValue } from '../../onnx/model.ts';
import { writeModel } from '../../onnx/write-model.ts';
import type { Runtime } from '../../runtime/port.ts';

/** Weights with more elements than this are not sent to the engine: types do not depend on what is in them. */
const largest = 1024;

/** The element type of every value of a model, by name, as the engine infers it. */
export async function typesOf(model: Model, runtime: Pick<Runtime, 'open'>, source: string): Promise<ReadonlyMap<string, DType>> {
  const { graph } = model;
  const computed = graph.nodes.flatMap((n) => n.outputs.filter((name) => name !== ''));
  const weights = [...graph.initializers].filter(([, t]) => isFloat(t.dtype) && t.data.length > largest);
  const declared = weights.map(([name, t]): ModelValue => ({ name, dtype: t.dtype, shape: t.shape }));
  const away = new Set(weights.map(([name]) => name));
  const asked: Model = {
    ...model,
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...declared],
      outputs: computed.map((name) => ({ name, dtype: undefined, shape: undefined })),
      initializers: new Map([...graph.initializers].filter(([name]) => !away.has(name))),
      values: new Map(),
    },
  };
  try {
    const session = await runtime.open(writeModel(asked), { optimisation: 'disabled' });
    await session.release();
    const inputs = graph.inputs.flatMap((v) => (v.dtype ? [[v.name, v.dtype] as const] : []));
    const constants = [...graph.initializers].map(([name, t]) => [name, t.dtype] as const);
    return new Map([...inputs, ...constants, ...session.outputs.map((v) => [v.name, v.dtype] as const)]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnnxError('unsupported', `${source}: the engine does not load it: ${reason}; expected a model that runs`, error);
  }
}
