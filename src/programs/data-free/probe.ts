import { type Dataset, exampleSize, floatDataset } from '../../data/dataset.ts';
import { answered } from '../../data/synthetic/gathered.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import { argmaxRows, type Matrix } from '../../run/metrics.ts';
import type { Tensors } from '../../run/store.ts';
import type { Workplace } from '../../run/workplace.ts';
import type { Lab } from './lab.ts';
import type { Sample } from './sampler.ts';

/** Made-up examples to look at, and what the teacher says of them. */
export interface Probe {
  readonly dataset: Dataset;
  readonly logits: Matrix;
}

/** A set of samples, its labels what the teacher says. */
export function probeOf(samples: readonly Sample[], { splits, subject }: Lab): Probe {
  const { example, classes, targets } = splits.train;
  const view = joined(samples.map((s) => s.view));
  const data = joined(samples.map((s) => s.logits));
  const { labels, targets: values } = answered(view, data, splits.train);
  const dataset = floatDataset({
    name: 'made up',
    example,
    values: view,
    labels,
    classes,
    targets,
    ...(values && { targetValues: values }),
  });
  const width = subject.outputs;
  return { dataset, logits: { data, rows: view.length / exampleSize({ example }), width } };
}

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
};

/** The same of a set that is there. */
export async function probeIn(dataset: Dataset, { opened }: Lab, { shared }: Pick<Workplace, 'shared'>): Promise<Probe> {
  return { dataset, logits: await ask(shared.runtime, opened.bytes, dataset, opened) };
}

/** What a student with these weights says. */
export type Judge = (weights: Tensors, set: Dataset) => Promise<Matrix>;

export const judging =
  ({ model, student, shared, splits }: Pick<Workplace, 'model' | 'student' | 'shared' | 'splits'>): Judge =>
  async (weights, set) => {
    const inputs = viewInputs(splits.train.example);
    return ask(shared.runtime, await serve({ model, weights, inputs, preprocess: student.graph }, shared.lower), set);
  };

/** The share of examples of which two say the same class; for numbers, one minus their mean squared difference against the teacher's variance. */
export const agreementOf = (student: Matrix, teacher: Matrix, classes: boolean): number =>
  classes ? equalClasses(student, teacher) : explained(student, teacher);

function equalClasses(a: Matrix, b: Matrix): number {
  const [one, other] = [argmaxRows(a), argmaxRows(b)];
  return one.filter((k, i) => k === other[i]).length / one.length;
}

function explained({ data: a }: Matrix, { data: b }: Matrix): number {
  const mean = b.reduce((s, v) => s + v, 0) / b.length;
  const spread = b.reduce((s, v) => s + (v - mean) ** 2, 0);
  return 1 - b.reduce((s, v, i) => s + (v - a[i]!) ** 2, 0) / Math.max(spread, 1e-12);
}
