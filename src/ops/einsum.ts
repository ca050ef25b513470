import type { Value } from '../graph/graph.ts';
import { type Dim, sizeOf } from '../graph/type.ts';
import { type Import, type NodeReader, Unreadable } from './define.ts';
import { matmul } from './linalg.ts';
import { reduceSum } from './reduce.ts';
import { reshape, transpose } from './shape.ts';

/** A value whose axes have letters. */
interface Lettered {
  readonly value: Value;
  readonly letters: readonly string[];
}

/** Sums away the letters that nobody needs any more. */
function onlyNeeded({ value, letters }: Lettered, needed: ReadonlySet<string>): Lettered {
  const gone = letters.flatMap((l, i) => (needed.has(l) ? [] : [i]));
  return { value: reduceSum(value, gone, false), letters: letters.filter((l) => needed.has(l)) };
}

const arranged = ({ value, letters }: Lettered, order: readonly string[]): Value =>
  transpose(
    value,
    order.map((l) => letters.indexOf(l)),
  );

/** Sums over the letters of both that are not needed, as one matrix product per common letter that stays. */
function multiplied(a: Lettered, b: Lettered, needed: ReadonlySet<string>): Lettered {
  const [left, right] = [a, b].map((side, i) => onlyNeeded(side, new Set([...needed, ...[b, a][i]!.letters]))) as [
    Lettered,
    Lettered,
  ];
  const common = left.letters.filter((l) => right.letters.includes(l));
  const batch = common.filter((l) => needed.has(l));
  const summed = common.filter((l) => !needed.has(l));
  const rows = left.letters.filter((l) => !common.includes(l));
  const columns = right.letters.filter((l) => !common.includes(l));
  const sizes = new Map<string, Dim>(
    [left, right].flatMap(({ value, letters }) => letters.map((l, i): [string, Dim] => [l, value.shape[i]!])),
  );
  const shapeOf = (letters: readonly string[]): readonly Dim[] => letters.map((l) => sizes.get(l)!);
  const volume = (letters: readonly string[]): number => sizeOf(shapeOf(letters));
  const outer = shapeOf(batch);
  const A = reshape(arranged(left, [...batch, ...rows, ...summed]), [...outer, volume(rows), volume(summed)]);
  const B = reshape(arranged(right, [...batch, ...summed, ...columns]), [...outer, volume(summed), volume(columns)]);
  const letters = [...batch, ...rows, ...columns];
  return { value: reshape(matmul(A, B), shapeOf(letters)), letters };
}

/**
 * Einstein summation: 'bij,bkj->bik'. Letters that a term repeats, and dots, are not read.
 *
 * @throws Unreadable for equations of those kinds.
 */
export function einsum(equation: string, inputs: readonly Value[]): Value {
  const [terms, result] = equation.replaceAll(' ', '').split('->');
  const letters = terms!.split(',').map((term) => [...term]);
  if (equation.includes('.') || letters.some((term) => new Set(term).size !== term.length)) {
    throw new Unreadable(`the equation '${equation}' has dots or repeated letters`);
  }
  const all = letters.flat();
  const once = [...new Set(all)].filter((l) => all.filter((m) => m === l).length === 1).sort();
  const wanted = result === undefined ? once : [...result];
  let [done, ...rest] = letters.map((term, i): Lettered => ({ value: inputs[i]!, letters: term }));
  while (rest.length > 0) {
    const [next, ...later] = rest;
    const needed = new Set([...wanted, ...later.flatMap((one) => one.letters)]);
    done = multiplied(done!, next!, needed);
    rest = later;
  }
  return arranged(onlyNeeded(done!, new Set(wanted)), wanted);
}

const readEinsum = (r: NodeReader): Value =>
  einsum(
    r.string('equation'),
    r.inputs.map((_, i) => r.input(i)),
  );

export const einsumImports: readonly Import[] = [{ onnx: 'Einsum', domain: '', read: readEinsum }];
