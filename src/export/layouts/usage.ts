import { logits } from '../names.ts';

/** Code that feeds a student with onnxruntime-node. @param input Lines that make the inputs. */
export const onnxUsage = (input: readonly string[], names: readonly string[], classifies: boolean): readonly string[] => [
  '',
  '```js',
  "import * as ort from 'onnxruntime-node';",
  ...input,
  "const session = await ort.InferenceSession.create('onnx/model.onnx');",
  `const { ${logits} } = await session.run({ ${names.join(', ')} });`,
  ...(classifies
    ? [
        `const exps = Array.from(${logits}.data, (x) => Math.exp(x - Math.max(...${logits}.data)));`,
        'const probabilities = exps.map((x) => x / exps.reduce((a, b) => a + b));',
      ]
    : [`console.log(${logits}.data); // per target of config.json: value * std + mean`]),
  '```',
];
