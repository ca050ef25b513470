import type { Results, RunRecord } from '../../run/record.ts';
import { bytes, counted, scientific } from '../format.ts';
import { html } from '../html.ts';
import type { Section } from '../section.ts';

const call = `const session = await ort.InferenceSession.create('student.onnx');`;

const oneTensor = (shape: readonly number[]): string => `import * as ort from 'onnxruntime-web'; // in Node: 'onnxruntime-node'

${call}
const [input] = session.inputNames;
const [output] = session.outputNames;
const example = new ort.Tensor('float32', values, [${[1, ...shape].join(', ')}]); // values: Float32Array(${shape.reduce((product, size) => product * size, 1)})
const answer = (await session.run({ [input]: example }))[output].data;`;

/** How transformers.js gives what is asked of a text. */
const pipelines: Readonly<Record<Results['task'], { readonly kind: string; readonly called: string }>> = {
  classification: { kind: 'text-classification', called: 'classify' },
  regression: { kind: 'feature-extraction', called: 'predict' },
  embedding: { kind: 'feature-extraction', called: 'embed' },
  'token-classification': { kind: 'token-classification', called: 'tag' },
};

const texts = ({
  called,
  kind,
}: (typeof pipelines)[Results['task']]): string => `import { pipeline } from '@huggingface/transformers';

// The folder beside this report has the tokenizer: potstill export
const ${called} = await pipeline('${kind}', 'path/of/the/folder');
const answer = await ${called}('a text');`;

/** How to call it, by the rank of one example. */
const codes: Readonly<Record<number, (results: Results) => string>> = {
  1: ({ data }) => oneTensor(data.shape),
  2: ({ task }) => texts(pipelines[task]),
  3: ({ data }) => oneTensor(data.shape),
};

const base64 = /^[A-Za-z0-9+/]+=*$/;

export const student: Section = {
  id: 'student',
  name: 'Student',
  title: 'The student',
  render: ({ results, student: model }: RunRecord) => {
    if (model === null || !base64.test(model)) return null;
    const code = (codes[results.data.shape.length] ?? codes[1]!)(results);
    return html`<p>The distilled student is inside this file, as the ONNX model that was measured. It runs anywhere ONNX Runtime does; this page only carries it.</p>
<p><a class="button" download="student.onnx" href="data:application/octet-stream;base64,${model}">Download student.onnx <span>${bytes(results.distilled.cost.bytes)}</span></a></p>
<pre tabindex="0" aria-label="How to run the student"><code>${code}</code></pre>
<p class="note">Inputs must be prepared as in training: the exported folder says how. On ${counted(results.parity.examples, 'test example')} its outputs differ from the training graph by at most ${scientific(results.parity.maxAbsError)}.</p>`;
  },
};
