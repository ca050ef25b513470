import { random } from '../../data/random.ts';
import { Graph } from '../../graph/graph.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { encode } from '../../onnx/encode.ts';
import type { Tensors } from '../../run/store.ts';
import type { TeacherPart } from '../../run/teachers/define.ts';
import type { TrainContext } from '../../run/train.ts';
import type { Session } from '../../runtime/port.ts';
import type { InputsOptions } from '../../synthesis/inputs/list.ts';
import { type Drawn, openHosts, type Subject } from './host.ts';
import { buildBatch } from './synthesis-step.ts';

/** Examples that were made up, and what the teacher says of them. */
export interface Sample {
  /** [N, …example] */
  readonly view: Float32Array;
  /** [N, K] */
  readonly logits: Float32Array;
}

/** Draws examples from what a synthesiser has learnt. */
export interface Sampler {
  /** A batch of the state; `key` names the random numbers. */
  draw(state: Tensors, key: { readonly seed: number; readonly purpose: string; readonly step: number }): Promise<Sample>;
  release(): Promise<void>;
}

/** Opens a graph of the batch and of the teacher alone. */
export async function openSampler(
  spec: Subject & { readonly inputs: InputsOptions; readonly teacher: TeacherPart },
  { runtime, lower }: Pick<TrainContext, 'runtime' | 'lower'>,
): Promise<Sampler> {
  const graph = new Graph();
  const hosts = openHosts(graph, spec);
  const { clean: view } = buildBatch(spec, hosts);
  const said = await spec.teacher.build(graph, view, ['logits']);
  graph.output('view', view);
  graph.output('logits', said.get('logits')!);
  const { params, restarted, buffers, perRound, perStep } = hosts.made();
  const kept = [...params, ...restarted, ...buffers, ...perRound].map((t) => t.name);
  const session: Session = await runtime.open(encode(await lower(graph)));
  return {
    async draw(state, { seed, purpose, step }) {
      const { view: made, logits } = await session.run({
        ...Object.fromEntries(kept.map((name) => [name, copied(state[name]!)])),
        ...Object.fromEntries(perStep.map((d) => [d.name, drawn(d, seed, purpose, step)])),
      });
      return { view: made!.data as Float32Array, logits: logits!.data as Float32Array };
    },
    release: () => session.release(),
  };
}

/** The numbers of one step. */
export function drawn({ name, shape, fill }: Drawn, seed: number, purpose: string, step: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  fill(data, random(seed, `${purpose}/${name}`, step));
  return { dtype: 'float32', shape, data };
}

/** What is fed is moved to the engine. */
const copied = (t: Tensor): Tensor => ({ ...t, data: t.data.slice() }) as Tensor;
