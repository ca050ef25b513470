import { bytes, fixed, milliseconds, short } from '../../report/format.ts';
import { type Profile, profileModel } from '../../run/profile.ts';
import { defineCommand } from '../command.ts';
import { engineOptions, modelPath, withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';
import { count, flag, sizes } from '../option.ts';
import { renderTable } from '../render/table.ts';

export const profile = defineCommand({
  name: 'profile',
  description:
    'Measures an ONNX model on this machine with made-up input, after a warm-up: latency of one example (median and 95th percentile), throughput of a batch, memory, size, parameters and multiply-accumulates. Takes about three seconds.',
  parameters: [{ name: 'model.onnx', summary: 'The model; weights in other files must lie in its folder' }],
  options: {
    batch: count('n', 'Examples at once for the throughput', { fallback: '32' }),
    ...engineOptions,
    size: sizes('name=number', 'A size that the model leaves open, other than the batch; may be given several times'),
    json: flag('Print JSON'),
  },
  examples: [
    { line: 'potstill profile runs/demo/student/onnx/model.onnx', what: 'What does the student cost?' },
    { line: 'potstill profile teacher.onnx --threads 1 --batch 8', what: 'As it would run on one core.' },
  ],
  async run({ words, options }, io) {
    const { batch, size } = options;
    const path = await modelPath(words[0]!, io);
    const found = await withEngine(options, (runtime) =>
      profileModel(path, runtime, { dims: size, ...(batch !== undefined && { batch }) }),
    );
    line(io.stdout, options.json ? JSON.stringify(found, null, 2) : describe(found));
    return exit.good;
  },
});

function describe({ model, latencyMs, throughput, peakMemory, engine, notes, ...counts }: Profile): string {
  const { version, provider, threads } = engine;
  const known = (value: number | null): string => (value === null ? 'not known' : short(value));
  return [
    `${model}  (ONNX Runtime ${version}, ${provider}, threads: ${threads})`,
    '',
    ...renderTable(
      ['input', 'type', 'shape'],
      counts.inputs.map((i) => [i.name, i.dtype, `[${i.shape.join(',')}]`]),
    ),
    '',
    `latency       ${milliseconds(latencyMs.p50)} median, ${milliseconds(latencyMs.p95)} 95th percentile, one example`,
    `throughput    ${fixed(throughput.examplesPerSecond, 0)} examples/s at batch ${throughput.batch}`,
    `peak memory   ${bytes(peakMemory)} (growth of the process while it is loaded and run)`,
    `size          ${bytes(counts.bytes)}`,
    `parameters    ${known(counts.parameters)}`,
    `MACs          ${known(counts.macs)} an example`,
    ...notes.map((note) => `note: ${note}`),
  ].join('\n');
}
