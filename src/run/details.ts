import type { Dataset } from '../data/dataset.ts';
import { unscale } from '../data/dataset.ts';
import { pictureOf } from '../data/png.ts';
import { explainLogits } from '../explain/explain.ts';
import { labelsOf, targetsOf } from './evaluate.ts';
import { knowledgeOf } from './knowledge.ts';
import { argmaxRows, confusion, type Matrix, reliability, softmaxRows } from './metrics.ts';
import type { Behaviour, Details, Example, Prediction } from './record.ts';

interface Outputs {
  readonly teacher: Matrix | null;
  readonly scratch: Matrix | null;
  readonly distilled: Matrix;
}

/** What only the report needs: behaviour on the test set, and the examples that tell most about the difference. */
export async function detailsOf(outputs: Outputs, test: Dataset, count: number, notes: readonly string[]): Promise<Details> {
  const describe = test.classes ? classes(test, test.classes) : values(test);
  const indices = describe.telling(outputs).slice(0, count);
  const { teacher, scratch, distilled } = outputs;
  const examples = await Promise.all(
    indices.map(
      async (index): Promise<Example> => ({
        index,
        picture: await pictureOf(test, index),
        row: test.row(index),
        label: describe.label(index),
        teacher: teacher && describe.prediction(teacher, index),
        scratch: scratch && describe.prediction(scratch, index),
        distilled: describe.prediction(distilled, index),
      }),
    ),
  );
  return {
    version: 1,
    teacher: teacher && describe.behaviour(teacher),
    scratch: scratch && describe.behaviour(scratch),
    distilled: describe.behaviour(distilled),
    examples,
    notes,
    ...(teacher &&
      test.classes && {
        knowledge: await knowledgeOf(explainLogits(teacher, labelsOf(test)), {
          logits: teacher,
          dataset: test,
          count: Math.min(count, listed),
        }),
      }),
  };
}

/** Examples of each list of what the teacher knows. */
const listed = 6;

/** How the outputs for one kind of task are told to people. */
interface Describe {
  behaviour(outputs: Matrix): Behaviour;
  prediction(outputs: Matrix, index: number): Prediction;
  label(index: number): string;
  /** Examples, the most telling first. */
  telling(outputs: Outputs): readonly number[];
}

function classes(test: Dataset, names: readonly string[]): Describe {
  const labels = labelsOf(test);
  const cache = new Map<Matrix, { readonly p: Float64Array; readonly top: Int32Array }>();
  const of = (m: Matrix) => {
    const known = cache.get(m) ?? { p: softmaxRows(m), top: argmaxRows(m) };
    cache.set(m, known);
    return known;
  };
  return {
    behaviour: (m) => {
      const table = confusion(m, labels);
      return {
        confusion: table,
        reliability: reliability(of(m).p, m.rows, m.width, labels),
        perClass: table.map((row, c) => {
          const total = row.reduce((a, b) => a + b, 0);
          return total === 0 ? null : row[c]! / total;
        }),
      };
    },
    prediction: (m, i) => {
      const { p, top } = of(m);
      return { label: names[top[i]!] ?? String(top[i]), probability: p[i * m.width + top[i]!]! };
    },
    label: (i) => names[labels[i]!] ?? '—',
    telling: ({ teacher, scratch, distilled }) => {
      const others = [scratch, teacher].filter((m) => m !== null).map(of);
      const own = of(distilled);
      const sure = (m: { p: Float64Array; top: Int32Array }, i: number): number => m.p[i * distilled.width + m.top[i]!]!;
      return Array.from({ length: test.size }, (_, i) => i)
        .filter((i) => others.some((o) => o.top[i] !== own.top[i]))
        .map((i) => ({
          i,
          weight: sure(own, i) + Math.max(...others.filter((o) => o.top[i] !== own.top[i]).map((o) => sure(o, i))),
        }))
        .sort((a, b) => b.weight - a.weight || a.i - b.i)
        .map(({ i }) => i);
    },
  };
}

function values(test: Dataset): Describe {
  const targets = targetsOf(test);
  const width = test.targets.length;
  const show = (of: Float32Array, i: number): string =>
    test.targets.map((t, k) => unscale(t, of[i * width + k]!).toPrecision(4)).join(', ');
  const distance = (a: Float32Array, b: Float32Array, i: number): number => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += Math.abs(a[i * width + k]! - b[i * width + k]!);
    return sum;
  };
  return {
    behaviour: () => ({ confusion: [], reliability: [], perClass: [] }),
    prediction: (m, i) => ({ label: show(m.data, i), probability: null }),
    label: (i) => show(targets, i),
    telling: ({ scratch, teacher, distilled }) => {
      const other = scratch ?? teacher;
      if (!other) return [];
      return Array.from({ length: test.size }, (_, i) => i).sort(
        (a, b) => distance(distilled.data, other.data, b) - distance(distilled.data, other.data, a) || a - b,
      );
    },
  };
}
