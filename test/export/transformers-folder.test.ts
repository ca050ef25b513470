import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportedInputs } from '../../src/export/layouts/list.ts';
import type { StudentFile } from '../../src/export/student-file.ts';
import { transformersFolder } from '../../src/export/transformers-folder.ts';
import { Graph } from '../../src/graph/graph.ts';
import { encode } from '../../src/onnx/encode.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { flatten } from '../../src/ops/shape.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Runtime } from '../../src/runtime/port.ts';

const pictures: StudentFile = {
  onnx: Uint8Array.of(1, 2, 3),
  lighter: [],
  name: 'Cats & dogs\n# not a heading',
  architecture: 'resnet-8',
  shape: [3, 24, 32],
  classes: ['cat', 'dog', '"bird"'],
  targets: [],
  columns: [],
  text: null,
  summary: 'Distillation helped.',
};
const table: StudentFile = {
  ...pictures,
  name: 'houses',
  architecture: 'mlp-8',
  shape: [2],
  classes: null,
  targets: [{ name: 'price', mean: 200, std: 50 }],
  columns: [
    { name: 'rooms', mean: 3, std: 1, fill: 3 },
    { name: 'town=north', mean: 0, std: 1, fill: null },
  ],
};
const texts: StudentFile = {
  ...pictures,
  name: 'reviews',
  architecture: 'bert-2x32',
  shape: [2, 64],
  classes: null,
  text: { vocabulary: 50, special: { pad: 0 }, files: { 'tokenizer.json': '{}', 'tokenizer_config.json': '{}' } },
};
const q8 = (change: number): Pick<StudentFile, 'lighter'> => ({
  lighter: [{ onnx: Uint8Array.of(4), path: 'onnx/model_quantized.onnx', dtype: 'q8', change, speedup: { one: 2 } }],
});
const json = (files: Readonly<Record<string, string | Uint8Array>>, name: string) => JSON.parse(files[name] as string);

describe('the folder that transformers.js loads', () => {
  const files = transformersFolder(pictures);

  it('has the files of an image classification model', () => {
    expect(Object.keys(files).sort()).toEqual(['README.md', 'config.json', 'onnx/model.onnx', 'preprocessor_config.json']);
    expect(files['onnx/model.onnx']).toBe(pictures.onnx);
  });

  it('names the classes both ways, and a model type that the pipeline takes', () => {
    expect(json(files, 'config.json')).toMatchObject({
      model_type: 'resnet',
      'transformers.js_config': { dtype: 'fp32' },
      id2label: { 0: 'cat', 1: 'dog', 2: '"bird"' },
      label2id: { cat: 0, dog: 1, '"bird"': 2 },
      num_labels: 3,
    });
  });

  it('resizes to what the model takes and gives it numbers from 0 to 1, nothing else', () => {
    expect(json(files, 'preprocessor_config.json')).toMatchObject({
      image_processor_type: 'ViTImageProcessor',
      size: { height: 24, width: 32 },
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: false,
    });
  });

  it('explains how to call it', () => {
    expect(files['README.md']).toMatchSnapshot();
  });

  it('gives for a table the columns and targets, and no pipeline', () => {
    const own = transformersFolder(table);
    expect(Object.keys(own).sort()).toEqual(['README.md', 'config.json', 'onnx/model.onnx']);
    expect(json(own, 'config.json')).toMatchObject({ features: { columns: table.columns }, logits: { targets: table.targets } });
    expect(json(own, 'config.json')).not.toHaveProperty('id2label');
    expect(own['README.md']).toMatchSnapshot();
  });
});

describe('a student that gives no classes', () => {
  const embedding = transformersFolder(texts);

  it('is a text model whose output feature-extraction gives as it is', () => {
    expect(Object.keys(embedding)).toContain('tokenizer.json');
    const config = json(embedding, 'config.json');
    expect(config).toMatchObject({
      model_type: 'bert',
      architectures: ['BertModel'],
      'transformers.js_config': { dtype: 'fp32' },
    });
    for (const key of ['id2label', 'logits', 'problem_type']) expect(config).not.toHaveProperty(key);
    expect(embedding['README.md']).toMatchSnapshot();
  });

  it('says how values were standardised', () => {
    const own = transformersFolder({ ...texts, targets: table.targets });
    expect(json(own, 'config.json')).toMatchObject({ architectures: ['BertModel'], logits: { targets: table.targets } });
    expect(own['README.md']).toContain("const predict = await pipeline('feature-extraction', 'reviews');");
    expect(own['README.md']).toContain('value * std + mean');
  });

  it('loads as features of pictures too', () => {
    const own = transformersFolder({ ...pictures, classes: null, targets: table.targets });
    expect(json(own, 'config.json')).toMatchObject({ model_type: 'resnet', architectures: ['ResNetModel'] });
    expect(own['README.md']).toContain('pipeline_tag: image-feature-extraction');
  });
});

describe('what a browser loads by default', () => {
  const told = (student: StudentFile) => json(transformersFolder(student), 'config.json')['transformers.js_config'];
  const float = { dtype: 'fp32' };

  it('is the quantised file, unless there is none or it loses more than a point', () => {
    expect([told(pictures), told({ ...pictures, ...q8(-0.009) }), told({ ...pictures, ...q8(-0.011) })]).toEqual([
      float,
      undefined,
      float,
    ]);
    expect([told({ ...texts, ...q8(-0.009) }), told({ ...texts, ...q8(-0.011) })]).toEqual([undefined, float]);
  });

  it('is judged for values by how far the error grew, in their own spread', () => {
    const priced = (change: number) => told({ ...texts, targets: table.targets, ...q8(change) });
    expect([priced(-3), priced(0.4), priced(0.6)]).toEqual([undefined, undefined, float]);
  });
});

describe('the input of an exported student', () => {
  let runtime: Runtime;
  beforeAll(() => {
    runtime = ortNode({ threads: 1 });
  });
  afterAll(() => runtime.close());

  const inputs = (example: readonly number[]) => {
    const graph = new Graph();
    const view = exportedInputs(example).open(graph);
    return { graph, view, all: graph.inputs.map((v) => [v.dtype, ...v.shape]) };
  };

  it('has the sizes that the data asks for', () => {
    expect([inputs([3, 8, 8]).all, inputs([5]).all]).toEqual([[['float32', 'batch', 3, 8, 8]], [['float32', 'batch', 5]]]);
  });

  it('takes texts as transformers.js gives them, and makes the view of them', async () => {
    const { graph, view, all } = inputs([2, 9]);
    expect(all).toEqual(Array(3).fill(['int64', 'batch', 'sequence']));
    graph.output('view', view);
    const session = await runtime.open(encode(graph));
    const data = Float32Array.of(101, 7, 102, 9, 1, 1, 2, 2, 101, 102, 0, 0, 1, 1, 0, 0);
    const feeds = exportedInputs([2, 9]).feeds({ dtype: 'float32', shape: [2, 2, 4], data });
    expect(Object.keys(feeds)).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
    const found = (await session.run(feeds)).view!;
    expect([found.shape, [...found.data]]).toEqual([[2, 2, 4], [...data]]);
    await session.release();
  });

  it('takes a grey picture as one channel and as three equal ones, with the same result', async () => {
    const { graph, view } = inputs([1, 2, 2]);
    graph.output('logits', flatten(add(mul(view, 2), 1), 1));
    const session = await runtime.open(encode(graph));
    const grey = [0, 0.25, 0.5, 1];
    const logits = async (channels: number) => {
      const data = Float32Array.from({ length: 4 * channels }, (_, i) => grey[i % 4]!);
      return (await session.run({ pixel_values: { dtype: 'float32', shape: [1, channels, 2, 2], data } })).logits!;
    };
    expect((await logits(1)).shape).toEqual([1, 4]);
    expect([...(await logits(1)).data]).toEqual([1, 1.5, 2, 3]);
    expect([...(await logits(3)).data]).toEqual([1, 1.5, 2, 3]);
    await session.release();
  });
});
