import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { showShape } from '../../src/graph/type.ts';
import { importModel } from '../../src/models/import.ts';
import { findRoles, type Role } from '../../src/models/roles/find.ts';
import type { Sizes } from '../../src/models/sizes.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { evaluate, numbers } from '../support/ort.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const fixtures = new URL('../fixtures/onnx/', import.meta.url);
const modelOf = (file: string | URL, sizes: Sizes) =>
  importModel({ source: String(file), bytes: readFileSync(file) }, engine, sizes);
const rolesOf = async (file: string | URL, sizes: Sizes, logits = 'logits') =>
  findRoles((await modelOf(file, sizes)).graph, logits);

/** Roles, most of them of the first layer, as one reads them. */
const shown = (roles: ReadonlyMap<string, Role>): string[] =>
  [...roles].map(([role, { tensor, shape }]) => `${role} ${showShape(shape)} ${tensor}`);
const small: Sizes = { batch: 3, dims: { sequence: 9 } };

describe('roles from the structure of exported transformers', () => {
  test('of an encoder that normalises behind its sums', async () => {
    expect(shown(await rolesOf(new URL('bert-13.onnx', fixtures), small))).toMatchInlineSnapshot(`
      [
        "logits [3,3] logits",
        "embedding [3,16] /Tanh_output_0",
        "tokens [3,9,16] /encoder/embeddings/norm/Add_1_output_0",
        "hidden.0 [3,9,16] /encoder/layer.0/norm2/Add_1_output_0",
        "hidden.1 [3,9,16] /encoder/layer.1/norm2/Add_1_output_0",
        "attention.0 [3,2,9,9] /encoder/layer.0/attention/Add_output_0",
        "query.0 [3,2,9,8] /encoder/layer.0/attention/Transpose_output_0",
        "key.0 [3,2,9,8] /encoder/layer.0/attention/Transpose_2_output_0",
        "value.0 [3,2,9,8] /encoder/layer.0/attention/Transpose_1_output_0",
        "attention.1 [3,2,9,9] /encoder/layer.1/attention/Add_output_0",
        "query.1 [3,2,9,8] /encoder/layer.1/attention/Transpose_output_0",
        "key.1 [3,2,9,8] /encoder/layer.1/attention/Transpose_2_output_0",
        "value.1 [3,2,9,8] /encoder/layer.1/attention/Transpose_1_output_0",
      ]
    `);
  });

  test('of one that normalises in front of its layers', async () => {
    const roles = shown(await rolesOf(new URL('pre-norm-17.onnx', fixtures), small));
    expect(roles.filter((r) => /^(tokens|hidden|embedding)/.test(r))).toMatchInlineSnapshot(`
      [
        "embedding [3,16] /Tanh_output_0",
        "tokens [3,9,16] /encoder/embeddings/Add_1_output_0",
        "hidden.0 [3,9,16] /encoder/layer.0/Add_2_output_0",
        "hidden.1 [3,9,16] /encoder/layer.1/Add_2_output_0",
      ]
    `);
  });

  test('of one that compares its mask and scales its queries', async () => {
    const roles = shown(await rolesOf(new URL('distilbert-14.onnx', fixtures), small));
    expect(roles.filter((r) => /\.0 /.test(r))).toMatchInlineSnapshot(`
      [
        "hidden.0 [3,9,16] /encoder/layer.0/norm2/Add_1_output_0",
        "attention.0 [3,2,9,9] /encoder/layer.0/attention/Where_output_0",
        "query.0 [3,2,9,8] /encoder/layer.0/attention/Div_output_0",
        "key.0 [3,2,9,8] /encoder/layer.0/attention/Transpose_2_output_0",
        "value.0 [3,2,9,8] /encoder/layer.0/attention/Transpose_1_output_0",
      ]
    `);
  });

  test('of a decoder whose heads come out of one product', async () => {
    const roles = shown(await rolesOf(new URL('gpt-14.onnx', fixtures), small));
    expect(roles.filter((r) => /^(tokens|hidden|embedding)|\.1 /.test(r))).toMatchInlineSnapshot(`
      [
        "embedding [3,9,16] /ln_f/Add_1_output_0",
        "tokens [3,9,16] /Add_output_0",
        "hidden.0 [3,9,16] /h.0/Add_4_output_0",
        "hidden.1 [3,9,16] /h.1/Add_4_output_0",
        "attention.1 [3,2,9,9] /h.1/Add_output_0",
        "query.1 [3,2,9,8] /h.1/Transpose_output_0",
        "key.1 [3,2,9,8] /h.1/Transpose_2_output_0",
        "value.1 [3,2,9,8] /h.1/Transpose_1_output_0",
      ]
    `);
  });

  test('all versions and masks show the same roles, at known sizes and at open ones', async () => {
    const bert = [...(await rolesOf(new URL('bert-17.onnx', fixtures), small))].map(([role, r]) => `${role} ${r.shape}`);
    for (const file of readdirSync(fixtures)) {
      const url = new URL(file, fixtures);
      const settled = await rolesOf(url, small);
      const open = await rolesOf(url, { open: true });
      const tensors = (roles: ReadonlyMap<string, Role>) => [...roles].map(([role, r]) => `${role} ${r.tensor}`);
      expect(tensors(open), file).toEqual(tensors(settled));
      const perToken = /masked-lm|gpt/.test(file);
      const inner = (lines: string[]) => (perToken ? lines.filter((line) => !/^(logits|embedding)/.test(line)) : lines);
      expect(inner([...settled].map(([role, r]) => `${role} ${r.shape}`)), file).toEqual(inner(bert));
    }
  });

  test('keys and scores are seen as methods want them', async () => {
    const model = await modelOf(new URL('bert-14-filled.onnx', fixtures), small);
    const roles = findRoles(model.graph, 'logits');
    const graph = new Graph();
    const ids = Array.from({ length: 27 }, (_, i) => BigInt(1 + (i % 7)));
    const long = (data: readonly bigint[]) => graph.constant({ dtype: 'int64', shape: [3, 9], data: BigInt64Array.from(data) });
    const values = model.instantiate(graph, {
      input_ids: long(ids),
      attention_mask: long(ids.map((_, i) => (i % 9 < 6 ? 1n : 0n))),
      token_type_ids: long(ids.map(() => 0n)),
    });
    const of = (role: string) => roles.get(role)!.of(values[roles.get(role)!.tensor]!);
    const raw = values[roles.get('attention.0')!.tensor]!;
    const { scores, before } = await evaluate({ scores: of('attention.0'), before: raw });
    expect(of('key.0').shape).toEqual([3, 2, 9, 8]);
    expect(Math.min(...numbers(before!))).toBeLessThan(-1e30);
    expect(Math.min(...numbers(scores!))).toBe(-10_000);
    expect(numbers(scores!).filter((s) => s > -10_000)).toEqual(numbers(before!).filter((s) => s > -10_000));
  });
});

const data = './data/models';
describe.skipIf(!existsSync(data))(`roles of the models of ${data}`, () => {
  test('residual networks have their blocks', async () => {
    expect(shown(await rolesOf(`${data}/cifar10_resnet/resnet20_cifar10.onnx`, { batch: 2 }))).toMatchInlineSnapshot(`
      [
        "logits [2,10] logits",
        "embedding [2,64] features",
        "hidden.0 [2,16,32,32] layer1.0.out",
        "hidden.1 [2,16,32,32] layer1.1.out",
        "hidden.2 [2,16,32,32] layer1.2.out",
        "hidden.3 [2,32,16,16] layer2.0.out",
        "hidden.4 [2,32,16,16] layer2.1.out",
        "hidden.5 [2,32,16,16] layer2.2.out",
        "hidden.6 [2,64,8,8] layer3.0.out",
        "hidden.7 [2,64,8,8] layer3.1.out",
        "hidden.8 [2,64,8,8] layer3.2.out",
      ]
    `);
    const deep = await rolesOf(`${data}/cifar10_resnet/resnet56_cifar10.onnx`, { batch: 2 });
    expect([...deep.keys()].filter((role) => role.startsWith('hidden'))).toHaveLength(27);
  });

  test('a decoder with rotary positions and norms without means', async () => {
    const roles = shown(await rolesOf(`${data}/stories260K/stories260K.onnx`, { batch: 2, dims: { T: 16 } }));
    expect(roles.filter((r) => !/\.[123] /.test(r))).toMatchInlineSnapshot(`
      [
        "logits [2,16,512] logits",
        "embedding [2,16,64] Mul_368",
        "tokens [2,16,64] Gather_12",
        "hidden.0 [2,16,64] Add_82",
        "hidden.4 [2,16,64] Add_362",
        "attention.0 [2,8,16,16] Add_63",
        "query.0 [2,8,16,8] Transpose_34",
        "key.0 [2,8,16,8] Transpose_60",
        "value.0 [2,8,16,8] Reshape_59",
        "attention.4 [2,8,16,16] Add_343",
        "query.4 [2,8,16,8] Transpose_314",
        "key.4 [2,8,16,8] Transpose_340",
        "value.4 [2,8,16,8] Reshape_339",
      ]
    `);
  });

  test('a plain network has its logits and what its last layer reads, and nothing is made up', async () => {
    expect(shown(await rolesOf(`${data}/mnist_cntk/mnist.onnx`, {}, 'Plus214_Output_0'))).toMatchInlineSnapshot(`
      [
        "logits [1,10] Plus214_Output_0",
        "embedding [1,256] Pooling160_Output_0_reshape0",
      ]
    `);
    const recurrent = await rolesOf(
      `${data}/silero_vad/silero_vad_16k_op15.onnx`,
      { batch: 2, dims: { sequence: 512 } },
      'output',
    );
    expect([...recurrent.keys()]).toEqual(['logits']);
  });
});
