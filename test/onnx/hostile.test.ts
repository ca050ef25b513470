import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type Message, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode } from '../../src/onnx/encode.ts';
import { OnnxError } from '../../src/onnx/error.ts';
import { expandFunctions } from '../../src/onnx/expand.ts';
import { toGraph } from '../../src/onnx/to-graph.ts';
import { add, exp } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { reduceSum } from '../../src/ops/reduce.ts';

const folder = mkdtempSync(join(tmpdir(), 'potstill-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function valid(): Uint8Array {
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: ['N', 3] });
  const w = g.constant(tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]));
  g.output('y', reduceSum(exp(add(matmul(x, w), 1)), [1]));
  return encode(g);
}

/** A graph, or the one error that a bad file may give. */
function outcome(bytes: Uint8Array): 'graph' | 'error' {
  try {
    toGraph(expandFunctions(readModel(bytes), 'file'), 'file');
    return 'graph';
  } catch (error) {
    if (error instanceof OnnxError) return 'error';
    throw error;
  }
}

type Fields = Exclude<MessageInitShape<typeof ModelProtoSchema>, Message>;
const model = (graph: Fields['graph'], rest: Fields = {}): Uint8Array => {
  const fields: Fields = { irVersion: 9n, opsetImport: [{ version: 20n }], ...(graph && { graph }), ...rest };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, fields));
};

const floatInput = (name: string) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: { elemType: 1, shape: { dim: [{ value: { case: 'dimValue' as const, value: 1n } }] } },
    },
  },
});

describe('any bytes give a graph or an OnnxError', () => {
  test('cut off anywhere', () => {
    const whole = valid();
    for (let length = 0; length < whole.length; length++) outcome(whole.subarray(0, length));
    expect(outcome(whole)).toBe('graph');
    expect(outcome(whole.subarray(0, whole.length - 40))).toBe('error');
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void outcome(bytes)),
      { numRuns: 500, seed: 1 },
    );
  });

  test('a model with bytes changed', () => {
    const whole = valid();
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        outcome(bytes);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  test('names that do not fit together', () => {
    const name = fc.constantFrom('', 'a', 'b', 'c', 'd');
    const names = fc.array(name, { maxLength: 3 });
    const node = fc.record({
      opType: fc.constantFrom('Add', 'Relu', 'Conv', 'Reshape', 'Slice', 'Nonsense'),
      input: names,
      output: names,
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 4 }), fc.array(name, { maxLength: 2 }), (nodes, outputs) => {
        outcome(model({ node: nodes, input: [floatInput('a')], output: outputs.map((o) => floatInput(o)) }));
      }),
      { numRuns: 1000, seed: 3 },
    );
  });
});

describe('says what is wrong with', () => {
  const said = (bytes: Uint8Array, read = (b: Uint8Array) => void toGraph(expandFunctions(readModel(b), 'm'), 'm')): string => {
    try {
      read(bytes);
    } catch (error) {
      if (error instanceof OnnxError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'nothing';
  };
  const withTensor = (t: object): Uint8Array => model({ initializer: [{ name: 't', dataType: 1, ...t }] });

  test.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'damaged: ONNX model: 0 bytes without a graph'],
    [
      'a Git LFS pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      'damaged: ONNX model: 43 bytes that cannot be decoded',
    ],
    ['a model without a graph', model(undefined), 'damaged: ONNX model: '],
    ['a new format', model({}, { irVersion: 99n }), 'version: ONNX model: IR version 99; expected 3 to 13'],
    ['a new opset', model({}, { opsetImport: [{ version: 25n }] }), 'version: ONNX model: opset 25; expected 7 to 21'],
    ['an old opset', model({}, { opsetImport: [{ version: 6n }] }), 'version: ONNX model: opset 6; expected 7 to 21'],
    ['training information', model({}, { trainingInfo: [{}] }), 'unsupported: ONNX model: it holds training information'],
    ['sparse weights', model({ sparseInitializer: [{}] }), 'unsupported: ONNX model: sparse initializers'],
    ['text', withTensor({ dataType: 8, stringData: [] }), "unsupported: ONNX model: tensor 't': elements of type STRING"],
    ['numbers of 4 bits', withTensor({ dataType: 22 }), "unsupported: ONNX model: tensor 't': elements of type INT4"],
    ['absurd sizes', withTensor({ dims: [1n << 40n, 1n << 40n] }), "damaged: ONNX model: tensor 't': its shape is"],
    ['negative sizes', withTensor({ dims: [-1n] }), "damaged: ONNX model: tensor 't': its shape is [-1]"],
    ['sizes without contents', withTensor({ dims: [1n << 33n] }), 'needs 8589934592 elements, the file has 0'],
    ['too few bytes', withTensor({ dims: [3n], rawData: new Uint8Array(8) }), 'float32[3] needs 12 bytes, the file has 8'],
    ['too few numbers', withTensor({ dims: [3n], floatData: [1] }), 'float32[3] needs 3 elements, the file has 1'],
    [
      'two of one name',
      model({ node: [1, 2].map(() => ({ opType: 'Relu', input: ['a'], output: ['b'] })), input: [floatInput('a')] }),
      "two things are called 'b'",
    ],
    [
      'a missing value',
      model({ node: [{ opType: 'Relu', input: ['a'], output: ['b'] }] }),
      "damaged: m: Relu 'b' reads 'a', which nothing makes",
    ],
    ['a missing output', model({ output: [floatInput('z')] }), "damaged: m: no node makes the output 'z'"],
    [
      'a cycle',
      model({
        node: [
          { opType: 'Relu', input: ['b'], output: ['a'] },
          { opType: 'Relu', input: ['a'], output: ['b'] },
        ],
      }),
      'depends on itself; expected no cycle',
    ],
    [
      'a function that calls itself',
      model(
        { node: [{ opType: 'F', domain: 'own', input: ['a'], output: ['b'] }], input: [floatInput('a')] },
        {
          functions: [
            {
              name: 'F',
              domain: 'own',
              input: ['x'],
              output: ['y'],
              node: [{ opType: 'F', domain: 'own', input: ['x'], output: ['y'] }],
            },
          ],
        },
      ),
      "damaged: m: the function 'F' calls itself",
    ],
    [
      'functions that unfold without measure',
      model(
        { node: [{ opType: 'F0', domain: 'own', input: ['a'], output: ['b'] }], input: [floatInput('a')] },
        {
          functions: Array.from({ length: 40 }, (_, i) => ({
            name: `F${i}`,
            domain: 'own',
            input: ['x'],
            output: ['y'],
            node: ['p', 'y'].map((o) => ({ opType: `F${i + 1}`, domain: 'own', input: ['x'], output: [o] })),
          })),
        },
      ),
      'its functions unfold into more than 50000 nodes',
    ],
    [
      'an unknown operator of unknown type',
      model({
        node: [{ opType: 'Odd', domain: 'own', input: ['a'], output: ['b'] }],
        input: [floatInput('a')],
        output: [floatInput('b')],
      }),
      "unsupported: m: Odd 'b': Potstill does not know the operator own.Odd",
    ],
  ])('%s', (_, bytes, message) => {
    expect(said(bytes)).toContain(message);
  });

  const external = (entries: Record<string, string>, dims = [4n]): Uint8Array =>
    model({
      initializer: [
        {
          name: 't',
          dataType: 1,
          dims,
          dataLocation: TensorProto_DataLocation.EXTERNAL,
          externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
        },
      ],
    });

  test.each(['../secret', 'a/../../secret', '/etc/passwd', 'C:\\secret', '\\\\server\\secret', 'a\\..\\secret', '', 'a\0b'])(
    'weights at %j',
    (location) => {
      const read = (bytes: Uint8Array) => void readModel(bytes, { readExternal: () => expect.unreachable() });
      expect(said(external({ location }), read)).toContain('expected a file in the folder of the model');
    },
  );

  test.each<[string, Record<string, string>, string]>([
    ['beyond the end', { location: 'w', offset: '8' }, "bytes 8 to 24 of 'w', which has 16"],
    ['of another length', { location: 'w', length: '12' }, 'float32[4] needs 16 bytes, the file has 12'],
    ['at a place that is no number', { location: 'w', offset: '-1' }, "the offset of its weights is '-1'"],
    ['at a place beyond all files', { location: 'w', offset: '99999999999999999999' }, "the offset of its weights is '9999"],
  ])('weights %s', (_, entries, message) => {
    expect(said(external(entries), (b) => void readModel(b, { readExternal: () => new Uint8Array(16) }))).toContain(message);
  });

  test('weights elsewhere when nobody can read them', () => {
    expect(said(external({ location: 'w' }))).toContain("external-data: ONNX model: tensor 't': its weights are in the file 'w'");
  });

  test('tensors that overlap over and over at odd addresses', () => {
    const dims = [1n << 20n];
    const proto = { name: 't', dataType: 1, dims, dataLocation: TensorProto_DataLocation.EXTERNAL };
    const initializer = Array.from({ length: 64 }, (_, i) => ({
      ...proto,
      name: `t${i}`,
      externalData: [
        { key: 'location', value: 'w' },
        { key: 'offset', value: '1' },
      ],
    }));
    const file = new Uint8Array((1 << 22) + 4);
    expect(said(model({ initializer }), (b) => void readModel(b, { readExternal: () => file }))).toContain(
      'overlap in the weights file',
    );
  });

  test('weights behind a link that leaves the folder, a folder, and nothing at all', () => {
    const inner = join(folder, 'model');
    mkdirSync(join(inner, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'secret'), new Uint8Array(16));
    writeFileSync(join(inner, 'weights'), new Uint8Array(16));
    symlinkSync('../secret', join(inner, 'link'));
    symlinkSync('weights', join(inner, 'own-link'));
    const saidOf = (location: string): string => {
      const path = join(inner, 'model.onnx');
      writeFileSync(path, external({ location }));
      const file = loadModelFile(path);
      return said(file.bytes, (b) => void readModel(b, { ...file }));
    };
    expect(saidOf('weights')).toBe('nothing');
    expect(saidOf('own-link')).toBe('nothing');
    expect(saidOf('link')).toContain('external-data: ');
    expect(saidOf('link')).toContain('copy the weights beside the model if you trust it');
    expect(saidOf('sub')).toContain('it is a folder');
    expect(saidOf('missing')).toContain('there is no such file');
    expect(() => loadModelFile(join(folder, 'nowhere.onnx'))).toThrow('there is no such file');
  });
});

test('raw bits of half floats and odd addresses are kept', () => {
  const raw = (dataType: number, rawData: Uint8Array<ArrayBuffer>, dims: bigint[]) => ({
    name: `t${dataType}`,
    dataType,
    dims,
    rawData,
  });
  const bytes = model({
    initializer: [
      raw(10, Uint8Array.of(0x00, 0x3c, 0x00, 0xc0), [2n]),
      raw(16, Uint8Array.of(0x80, 0x3f), [1n]),
      raw(7, new Uint8Array(new BigInt64Array([-5n]).buffer), []),
      { name: 'half', dataType: 10, dims: [1n], int32Data: [0x3c00] },
      { name: 'flag', dataType: 9, dims: [2n], int32Data: [1, 0] },
    ],
  });
  const { initializers } = readModel(bytes).graph;
  expect(initializers.get('t10')).toEqual({ dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) });
  expect(initializers.get('t16')).toEqual({ dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0x3f80) });
  expect(initializers.get('t7')).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(-5n) });
  expect(initializers.get('half')).toEqual({ dtype: 'float16', shape: [1], data: Uint16Array.of(0x3c00) });
  expect(initializers.get('flag')).toEqual({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) });
});
