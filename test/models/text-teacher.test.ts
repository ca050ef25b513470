import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { type Shape, type Tensor, tensor } from '../../src/graph/type.ts';
import { importModel } from '../../src/models/import.ts';
import { textInputs } from '../../src/models/text-inputs.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { fitTeacher, type TeacherSpec } from '../../src/teachers/onnx.ts';
import { modelFile } from '../onnx/file.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers, openBytes } from '../support/ort.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const folder = new URL('../fixtures/onnx/', import.meta.url);
const spec = (shape: Shape, rest: Partial<TeacherSpec> = {}): TeacherSpec => ({
  shape,
  preprocess: (view) => view,
  logits: undefined,
  probabilities: false,
  ...rest,
});

const texts = 3;
/** Ids, masks and types of texts of a length; the second ends early, the third has two parts. */
function batchOf(length: number) {
  const place = (i: number) => [Math.floor(i / length), i % length] as const;
  const each = (of: (text: number, at: number) => number) => Array.from({ length: texts * length }, (_, i) => of(...place(i)));
  const mask = each((text, at) => Number(text !== 1 || at < length - 2));
  const ids = each((text, at) => (text === 1 && at >= length - 2 ? 0 : 1 + ((text * 7 + at * 5) % 49)));
  const types = each((text, at) => Number(text === 2 && at > length / 2));
  const rows = Array.from({ length: texts }, (_, t) => {
    const part = (list: number[]) => list.slice(t * length, (t + 1) * length);
    return [...part(ids), ...part(mask).map((m, i) => m * (1 + part(types)[i]!))];
  });
  const long = (list: number[]): Tensor => tensor('int64', [texts, length], list);
  return {
    view: tensor('float32', [texts, 2, length], rows.flat()),
    feeds: { input_ids: long(ids), attention_mask: long(mask), token_type_ids: long(types) } as Record<string, Tensor>,
  };
}

describe('text models as teachers', () => {
  test.each(readdirSync(folder))('%s answers from the tokens of a batch, at any length', async (file) => {
    const bytes = readFileSync(new URL(file, folder));
    const model = await importModel({ source: file, bytes }, engine, { open: true });
    const original = await openBytes(bytes);
    for (const [length, shape] of [
      [6, [texts, 2, 6]],
      [9, ['N', 2, 'L']],
    ] as const) {
      const { view, feeds } = batchOf(length);
      const fitted = await fitTeacher(model, spec(shape));
      expect(fitted.vocabulary).toBe(50);
      expect(fitted.tensors.get('hidden.1')).toEqual([shape[0], shape[2], 16]);
      expect(fitted.tensors.get('key.0')).toEqual([shape[0], 2, shape[2], 8]);
      const graph = new Graph();
      const built = fitted.build(graph, graph.input('view', { dtype: 'float32', shape }));
      expect(built.at('attention.0').shape).toEqual([shape[0], 2, shape[2], shape[2]]);
      const found = await evaluate({ logits: built.logits, hidden: built.at('hidden.1') }, { view });
      const given = Object.fromEntries(model.inputs.map(({ name }) => [name, feeds[name]!]));
      expect(apart(numbers(found.logits!), numbers((await original.run(given)).logits!))).toBeLessThan(1e-5);
      expect(found.hidden!.shape).toEqual([texts, length, 16]);
    }
    await original.close();
  });

  test('what does not fit is said with what there is', async () => {
    const bytes = readFileSync(new URL('bert-13.onnx', folder));
    const bert = await importModel({ source: 'bert.onnx', bytes }, engine, { open: true });
    await expect(fitTeacher(bert, spec([4, 3, 8, 8]))).rejects.toThrow(
      'teacher: bert.onnx has the inputs input_ids int64[batch,sequence], attention_mask int64[batch,sequence], token_type_ids int64[batch,sequence], ' +
        'and an example is [3,8,8]; it takes token ids, so the data must be texts',
    );
    const two = modelFile(13, {
      inputs: { a: { dtype: 'float32', shape: ['N', 4] }, b: { dtype: 'float32', shape: ['N', 4] } },
      nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['y'] }],
      outputs: ['y'],
    });
    const sum = await importModel({ source: 'two.onnx', bytes: two }, engine, { open: true });
    await expect(fitTeacher(sum, spec([2, 4]))).rejects.toThrow('two.onnx has the inputs a float32[N,4], b float32[N,4], and an example is [4]; expected one input'); // biome-ignore format: one message
  });

  test('a text of more tokens than the model has places for is refused with the sizes', async () => {
    const bytes = readFileSync(new URL('bert-13.onnx', folder));
    const bert = await importModel({ source: 'bert.onnx', bytes }, engine, { open: true });
    await expect(fitTeacher(bert, spec([2, 2, 40]))).rejects.toThrow('bert.onnx: it does not run with input_ids [2,40]');
  });
});

describe('inputs of text models by name', () => {
  const inputs = (...names: string[]) => names.map((name) => ({ name, dtype: 'int64', shape: ['N', 'L'] }) as const);
  test.each([
    [
      ['input_ids', 'attention_mask', 'token_type_ids'],
      ['ids', 'mask', 'types'],
    ],
    [
      ['input_ids', 'position_ids', 'attention_mask'],
      ['ids', 'positions', 'mask'],
    ],
    [
      ['input_ids:0', 'segment_ids:0', 'input_mask:0'],
      ['ids', 'types', 'mask'],
    ],
    [['tokens'], ['ids']],
    [['anything'], ['ids']],
  ])('%j', (names, parts) => {
    expect([...textInputs(inputs(...names), 'm.onnx').values()]).toEqual(parts);
  });

  test('what is not known has to be said', () => {
    expect(() => textInputs(inputs('input_ids', 'past'), 'm.onnx')).toThrow("m.onnx has the inputs input_ids [N,L], past [N,L], and the input 'past' is not known; expected one with token ids"); // biome-ignore format: one message
    expect([...textInputs(inputs('input_ids', 'past'), 'm.onnx', { past: 'mask' }).values()]).toEqual(['ids', 'mask']);
  });
});
