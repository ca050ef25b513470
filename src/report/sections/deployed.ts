import type { Deployed, RunRecord } from '../../run/record.ts';
import { bytes, counted, fixed, milliseconds } from '../format.ts';
import { html } from '../html.ts';
import { metricOf } from '../metrics.ts';
import { more, table } from '../parts.ts';
import type { Section } from '../section.ts';

export const deployed: Section = {
  id: 'lighter',
  name: 'Lighter',
  title: 'Lighter files',
  render: ({ results }: RunRecord) => {
    const files = results.deployed ?? [];
    if (files.length === 0) return null;
    const metric = metricOf(results, results.headline.name);
    const size = results.distilled.cost.bytes;
    const head = html`<tr><th scope="col">File</th><th scope="col">${metric.label}</th><th scope="col">against float32</th><th scope="col">Size</th><th scope="col">One example</th><th scope="col">Speed, one</th><th scope="col">Speed, 32 at once</th></tr>`;
    const body = html`<tbody>${files.map(
      (f) =>
        html`<tr><th scope="row">${f.name} <code>${f.path}</code></th><td>${metric.text(f.metrics[metric.name] ?? Number.NaN)}</td><td>${metric.change(f.change)}</td><td>${bytes(f.bytes)} (${fixed(size / f.bytes, 1)} times smaller)</td><td>${milliseconds(f.latencyMs)}</td><td>${times(f.speedup.one)}</td><td>${times(f.speedup.batch)}</td></tr>`,
    )}</tbody>`;
    return html`<p>The delivered student in other types, measured on all test examples, and against the float32 file in turn on this machine (${results.environment.provider}). transformers.js takes <code>model_quantized.onnx</code> in a browser unless its accuracy falls by more than a point.</p>${table('Lighter files of the student', head, body)}${files.map(keptOf)}`;
  },
};

const times = (ratio: number): string => `${fixed(ratio, 2)}×`;

/** What is not computed in the lighter type, and why. */
function keptOf({ name, changed, kept }: Deployed) {
  const rows = kept.map(
    ({ op, reason, nodes }) =>
      html`<li>${counted(nodes.length, op)}: ${reason} <span class="note">${nodes.join(', ')}</span></li>`,
  );
  return more(
    `${name}: ${counted(changed, 'operator')} converted, ${counted(
      kept.reduce((n, k) => n + k.nodes.length, 0),
      'other',
    )} kept`,
    rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>Everything was converted.</p>`,
  );
}
