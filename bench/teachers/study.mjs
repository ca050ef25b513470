// @ts-check
// `npm run bench:teachers [-- --only ensemble]`: what several teachers, bad teachers and missing classes come to. Every training keeps
// checkpoints under runs/teachers; Ctrl-C stops, and the same command goes on. `--limit 600` tries everything out and records nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from '../results.mjs';
import { ensemble } from './ensemble.mjs';
import { openLab, potstill, root } from './lab.mjs';
import { missingClass } from './missing-class.mjs';
import { selective } from './selective.mjs';

/** @type {Readonly<Record<string, (lab: import('./lab.mjs').Lab, limit?: number) => Promise<object>>>} */
const studies = {
  ensemble,
  'missing-class': missingClass,
  'wrong-at-random': selective('random'),
  'wrong-alike': selective('alike'),
};

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    folder: { type: 'string', default: `${root}runs/teachers` },
    jobs: { type: 'string' },
    limit: { type: 'string' },
  },
});
if (values.only !== undefined && !studies[values.only]) {
  throw new Error(`--only ${values.only}: expected one of ${Object.keys(studies).join(', ')}`);
}
const lab = openLab({ folder: values.folder, signal: stop.signal, ...(values.jobs && { jobs: Number(values.jobs) }) });
try {
  for (const [name, study] of Object.entries(studies)) {
    if (values.only !== undefined && values.only !== name) continue;
    const found = { machine: machine(), ...(await study(lab, values.limit ? Number(values.limit) : undefined)) };
    if (values.limit) {
      console.log(JSON.stringify(found));
      continue;
    }
    const results = new URL('results/', import.meta.url);
    mkdirSync(results, { recursive: true });
    writeFileSync(new URL(`${name}.json`, results), `${JSON.stringify(found)}\n`);
    console.log(`bench/teachers/results/${name}.json is written`);
  }
} catch (error) {
  if (!(error instanceof potstill.StoppedError)) throw error;
  console.log('stopped; the same command goes on from here');
} finally {
  await lab.close();
}
