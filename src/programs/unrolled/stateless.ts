import { Graph } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { buildModel } from '../../models/build.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import { MismatchError } from '../../run/error.ts';

/**
 * An unrolled step is one gradient: nothing else may change from step to step.
 * @throws MismatchError where the student keeps running statistics or draws random numbers.
 */
export async function refuseState(model: Model, { input }: ModelShape): Promise<void> {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [2, ...input] });
  await model.prepare?.(x.shape);
  const { buffers, noise } = buildModel(model, graph, x, { training: true, source: 'inputs' });
  const [kept] = [...buffers, ...noise];
  if (!kept) return;
  throw new MismatchError(
    `student.model: found ${model.name} with '${kept.name}' ${showShape(kept.shape)}; expected a student without running statistics or dropout, since it adapts by gradients alone; take lenet5, mlp, or cnn with batchNorm: false`,
  );
}
