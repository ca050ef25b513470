import { distill } from 'potstill';

const { results, directory } = await distill({
  data: { kind: 'images', path: './pictures', height: 32, width: 32 }, // a folder for each class
  teacher: { kind: 'onnx', model: './teacher.onnx' },
  student: { model: { kind: 'resnet', depth: 8 } },
  seeds: 3,
});
console.log(results.verdict.sentence, directory);
