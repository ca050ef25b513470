import { random } from '../data/random.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { isFloat, showType, sizeOf, staticShape, type Tensor } from '../graph/type.ts';
import { encode } from '../onnx/encode.ts';
import { blockIn, blockProbe } from '../ops/blocked.ts';
import type { Lowering, Target } from '../ops/define.ts';
import { isolated, lower } from '../passes/lower.ts';
import type { Runtime } from '../runtime/port.ts';
import { type Choices, choicesInMemory } from './choices.ts';

/** Turns a graph as it was built into one that the engine runs, in the ways that are fastest for its shapes. */
export type Lower = (graph: Graph) => Promise<Graph>;

/** Runs of each way after warming up; the fastest counts, since noise only ever adds. */
const warmups = 1;
const repeats = 4;

/** A first run that takes so many times as long as the fastest way will not be made up for, nor by the ways that come after it. */
const hopeless = 3;

/**
 * Lowering by measurement: for each operator and shape that has several forms, all are run once on this machine and the fastest is
 * kept, as cuDNN's benchmark mode does. Choices are remembered, so that the same machine makes the same graph again.
 */
export function tuned(runtime: Runtime, choices: Choices = choicesInMemory()): Lower {
  let target: Promise<Target> | undefined;
  return async (graph) => {
    target ??= blockSize(runtime).then((block) => ({ provider: runtime.provider, block }));
    const machine = await target;
    // A chosen way may itself contain operators with several forms, so this goes on until nothing is open.
    for (;;) {
      const open = new Map<string, { readonly node: Node; readonly ways: readonly Lowering[] }>();
      const lowered = lower(graph, machine, (node, ways) => {
        const signature = signatureOf(node, ways);
        const at = ways.findIndex((w) => w.name === choices.get(signature));
        if (at < 0) open.set(signature, { node, ways });
        return Math.max(at, 0);
      });
      if (open.size === 0) return lowered;
      for (const [signature, { node, ways }] of open) await choices.set(signature, await fastest(runtime, node, ways, machine));
    }
  };
}

/** Everything that the speed of a node depends on. */
function signatureOf(node: Node, ways: readonly Lowering[]): string {
  const inputs = node.inputs.map((v) => (v ? `${v.origin.kind === 'constant' ? 'const ' : ''}${showType(v.type)}` : '-'));
  return `${node.op.onnx}(${inputs.join(' ')}) ${JSON.stringify(node.attrs)} of ${ways.map((w) => w.name).join('|')}`;
}

async function fastest(runtime: Runtime, node: Node, ways: readonly Lowering[], target: Target): Promise<string> {
  const shapes = node.inputs.flatMap((v) => (v ? v.shape : []));
  // With an open size there is nothing to measure: the first way is the best guess.
  if (!shapes.every((d) => typeof d === 'number')) return ways[0]!.name;
  const taken: number[] = [];
  for (const way of ways) {
    const part = lower(isolated(node, way, target), target);
    const session = await runtime.open(encode(part));
    try {
      const feeds = randomFeeds(node);
      const best = Math.min(...taken);
      const [cold] = await session.time(feeds, warmups);
      if (cold! > hopeless * best) break;
      taken.push(Math.min(...(await session.time(feeds, repeats))));
    } finally {
      await session.release();
    }
  }
  return ways[taken.indexOf(Math.min(...taken))]!.name;
}

function randomFeeds(node: Node): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  node.inputs.forEach((v, i) => {
    if (!v) return;
    if (!isFloat(v.dtype)) throw new Error(`internal: ${node.op.onnx} cannot be measured with ${showType(v.type)}`);
    const shape = staticShape(v.shape);
    const data = new Float32Array(sizeOf(shape));
    random(0, 'lowering', i).fillUniform(data);
    feeds[`in${i}`] = { dtype: 'float32', shape, data };
  });
  return feeds;
}

/** Channels per block of the CPU provider's blocked layout on this processor; 0 where there is no such layout. */
async function blockSize(runtime: Runtime): Promise<number> {
  if (runtime.provider !== 'cpu') return 0;
  const { graph, x } = blockProbe();
  try {
    const session = await runtime.open(encode(graph));
    const { y } = await session.run({ x });
    await session.release();
    return blockIn(y!);
  } catch {
    // An engine without these operators refuses the model.
    return 0;
  }
}
