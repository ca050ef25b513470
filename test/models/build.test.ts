import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, inputName, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { type Built, buildModel, initialise } from '../../src/models/build.ts';
import { noiseArrays } from '../../src/models/context.ts';
import type { BuildContext, Model, ModelShape } from '../../src/models/define.ts';
import { constantInit, zeros } from '../../src/models/init.ts';
import { dropout } from '../../src/models/layers.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';

type Options = z.input<typeof architectureSchema>;
const every: readonly (readonly [Options, number[]])[] = [
  [{ kind: 'mlp', hidden: [16, 12], norm: 'batch', activation: 'gelu', dropout: 0.3, inputDropout: 0.1 }, [1, 6, 6]],
  [{ kind: 'mlp', hidden: [16], norm: 'layer', activation: 'tanh' }, [9]],
  [{ kind: 'mlp', hidden: [] }, [5]],
  [{ kind: 'lenet5', size: 'half-all', activation: 'tanh' }, [1, 16, 16]],
  [{ kind: 'resnet', depth: 8, width: 0.25 }, [3, 8, 8]],
  [{ kind: 'resnet', depth: 14, width: 0.3, shortcut: 'pad' }, [1, 10, 12]],
  [{ kind: 'mobilenet', width: 0.1 }, [3, 16, 16]],
  [{ kind: 'cnn', channels: [4, 6, 8], dropout: 0.2 }, [1, 9, 9]],
  [{ kind: 'cnn', channels: [4, 6, 8], kernel: 5, batchNorm: false, head: 'flatten', pool: 'average', poolEvery: 2 }, [2, 8, 8]],
];
const BATCH = 4;
const outputs = 3;

function build(options: Options, input: readonly number[], training: boolean, batch: number | string = BATCH) {
  const shape: ModelShape = { input, outputs };
  const model = createModel(architectureSchema.parse(options), shape);
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [batch, ...input] });
  const tensors = initialise(model, shape, (name) => random(5, name));
  return { graph, x, tensors, built: buildModel(model, graph, x, { training, source: 'inputs' }) };
}

function drawn(name: string, shape: readonly unknown[]): Tensor {
  const sizes = shape as readonly number[];
  const data = new Float32Array(sizeOf(sizes));
  random(6, name).fillUniform(data);
  return { dtype: 'float32', shape: sizes, data };
}

describe.each(every.map(([options, input]) => [JSON.stringify(options), options, input] as const))('%s', (_, options, input) => {
  test('passes a gradient to every parameter', async () => {
    const { graph, x, tensors, built } = build(options, input, true);
    const cotangent = graph.input('cotangent', built.logits.type);
    const gradients = grad(sum(mul(built.logits, cotangent)), built.params.map(({ value }) => value)); // biome-ignore format: one call
    const found = await evaluate(Object.fromEntries(built.params.map(({ name }, i) => [`d ${name}`, gradients[i]!])), {
      ...Object.fromEntries(tensors),
      ...Object.fromEntries(
        built.noise.map(({ name, shape, dtype, fill }) => {
          const data = new noiseArrays[dtype](sizeOf(shape));
          fill(data, random(6, name));
          return [name, { dtype, shape: shape as readonly number[], data } satisfies Tensor];
        }),
      ),
      x: drawn('x', x.shape),
      cotangent: drawn('cotangent', cotangent.shape),
    });
    const silent = built.params.filter(({ name }) => numbers(found[`d ${name}`]!).every((g) => Math.abs(g) < 1e-9));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('has taps for its blocks, its embedding and its logits, known by their names', () => {
    const { graph, built } = build(options, input, false);
    const roles = [...built.taps.keys()];
    expect(roles).toEqual(expect.arrayContaining(['embedding', 'logits']));
    const hidden = roles.filter((role) => role.startsWith('hidden.'));
    expect(hidden).toEqual(hidden.map((_, i) => `hidden.${i}`));
    expect(built.taps.get('logits')).toBe(built.logits);
    for (const [role, value] of built.taps) expect(graph.names.get(role)).toBe(value);
  });

  test('evaluates batches of any size without random numbers', async () => {
    const { tensors, built } = build(options, input, false, 'N');
    expect(built.logits.shape).toEqual(['N', outputs]);
    expect(built.noise).toEqual([]);
    for (const n of [1, 3]) {
      const { logits } = await evaluate(
        { logits: built.logits },
        { ...Object.fromEntries(tensors), x: drawn('x', [n, ...input]) },
      );
      expect(logits!.shape).toEqual([n, outputs]);
      expect(numbers(logits!).every(Number.isFinite)).toBe(true);
    }
  });
});

const tiny = (body: (ctx: BuildContext, x: Value) => Value): Model => ({ name: 'tiny', build: body });
const into = (model: Model, source: 'inputs' | ReadonlyMap<string, Tensor>, prefix?: string): { graph: Graph; built: Built } => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [2, 3] });
  return { graph, built: buildModel(model, graph, x, { training: true, source, ...(prefix && { prefix }) }) };
};

describe('buildModel', () => {
  const shared = tiny((ctx, x) => {
    const twice = () => ctx.scope('a', () => ctx.param('w', [3], constantInit(2)));
    return mul(mul(x, twice()), twice());
  });

  test('a parameter that is asked for again is the same value', () => {
    const { graph, built } = into(shared, 'inputs');
    expect(built.params.map(({ name, shape }) => [name, shape])).toEqual([['a.w', [3]]]);
    expect(graph.inputs.map(inputName)).toEqual(['x', 'a.w']);
  });

  test('a prefix keeps two models in one graph apart, names of parameters included', () => {
    const { graph, built } = into(shared, 'inputs', 'student/');
    expect(graph.inputs.map(inputName)).toEqual(['x', 'student/a.w']);
    expect(built.params[0]!.name).toBe('student/a.w');
    expect(graph.names.get('student/logits')).toBe(built.logits);
  });

  test('tensors that are missing or have another shape are named', () => {
    expect(() => into(shared, new Map())).toThrow('a.w: there is no such tensor; expected one of [3]');
    expect(() => into(shared, new Map([['a.w', tensor('float32', [2], [1, 2])]]))).toThrow(
      'a.w: the tensor is [2]; expected [3]',
    );
  });

  test('a buffer goes on from its last value', async () => {
    const counting = tiny((ctx, x) => {
      for (let i = 0; i < 2; i++) {
        const { value, update } = ctx.buffer('count', [], zeros);
        update(add(value, 1));
      }
      return x;
    });
    const { built } = into(counting, 'inputs');
    const found = await evaluate(
      { after: built.buffers[0]!.after },
      { x: drawn('x', [2, 3]), count: tensor('float32', [], [5]) },
    );
    expect(numbers(found.after!)).toEqual([7]);
  });

  test('dropout takes its share of places, and scales up what stays', async () => {
    const { built } = into(
      tiny((ctx, x) => dropout(ctx, 'drop', x, 0.25)),
      'inputs',
    );
    expect(built.noise.map(({ name, shape }) => [name, shape])).toEqual([['drop', [2, 3]]]);
    const feeds = {
      x: tensor('float32', [2, 3], [3, 3, 3, 6, 6, 6]),
      drop: tensor('uint8', [2, 3], [0, 1, 0, 1, 0, 0]),
    };
    expect(numbers((await evaluate({ y: built.logits }, feeds)).y!)).toEqual([0, 4, 0, 8, 0, 0]);
    const many = new Uint8Array(4000);
    built.noise[0]!.fill(many, random(1, 'drop'));
    expect(new Set(many)).toEqual(new Set([0, 1]));
    expect(many.filter((v) => v === 0).length / 4000).toBeCloseTo(0.25, 1);
  });
});
