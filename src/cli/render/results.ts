import { bytes, milliseconds, short } from '../../report/format.ts';
import { measured, metricOf, spelled } from '../../report/metrics.ts';
import { rolesIn } from '../../report/roles.ts';
import type { Results } from '../../run/record.ts';
import { renderTable } from './table.ts';

/** What a run came to: the verdict, the three models side by side, and where to look. */
export function renderResults(results: Results, directory: string): string {
  const metric = metricOf(results, results.headline.name);
  const rows = rolesIn(results).map((role) => {
    const { model, metrics, cost } = role.side(results)!;
    const value = measured({ model, metrics, cost, bestEpoch: null }, metric.name);
    return [
      role.label.toLowerCase(),
      value ? spelled(metric, value) : 'n/a',
      short(cost.parameters),
      bytes(cost.bytes),
      milliseconds(cost.latencyMs.p50),
      model,
    ];
  });
  const lighter = (results.deployed ?? []).map(({ name, metrics, bytes: size, latencyMs, speedup }) => [
    `  as ${name}`,
    metric.name in metrics ? metric.text(metrics[metric.name]!) : 'n/a',
    '',
    bytes(size),
    milliseconds(latencyMs),
    `${speedup.one.toFixed(1)} times as fast`,
  ]);
  return [
    '',
    results.verdict.sentence,
    '',
    ...renderTable(['', `test ${metric.label.toLowerCase()}`, 'parameters', 'size', 'latency', 'model'], [...rows, ...lighter]),
    '',
    `Report    ${directory}/report.html`,
    `Student   ${directory}/student/  (ONNX, loads in transformers.js and onnxruntime)`,
    `Results   ${directory}/results.json`,
    '',
  ].join('\n');
}
