import { answersOf } from '../answers.ts';
import { logits } from '../names.ts';
import type { StudentFile } from '../student-file.ts';

/** Code that feeds a student with onnxruntime-node. @param input Lines that make the inputs. */
export const onnxUsage = (input: readonly string[], names: readonly string[], student: StudentFile): readonly string[] => [
  '',
  '```js',
  "import * as ort from 'onnxruntime-node';",
  ...input,
  "const session = await ort.InferenceSession.create('onnx/model.onnx');",
  `const { ${logits} } = await session.run({ ${names.join(', ')} });`,
  ...answersOf(student).reading,
  '```',
];
