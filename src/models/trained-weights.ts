import { constantOf, type Graph, type Value } from '../graph/graph.ts';
import { isFloat, type Tensor } from '../graph/type.ts';
import { type Use, type Uses, usesOf } from '../graph/uses.ts';
import { layerName } from './layer-names.ts';

/** A tensor of a file that training changes. */
export interface TrainedWeight {
  /** The file's name for it, or that of its layer where an exporter only numbered it. */
  readonly name: string;
  readonly tensor: Tensor;
  /** Every constant of the file that has it: exporters write a tied matrix twice, the second time transposed. */
  readonly places: readonly { readonly file: string; readonly transposed: boolean }[];
  /** A running statistic: kept up to date and not trained. */
  readonly running: boolean;
}

/** Inputs by which these operators get settings of the architecture, never something to train. `all`: whatever the input. */
const settings: Readonly<Record<string, readonly number[] | 'all'>> = {
  ...Object.fromEntries(
    ['Pow', 'Clip', 'Where', 'Max', 'Min', 'Mod', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map(
      (op) => [op, 'all'] as const,
    ),
  ),
  Resize: 'all',
  Upsample: 'all',
  Pad: [1, 2],
  QuantizeLinear: [1, 2],
  DequantizeLinear: [1, 2],
};

/** Inputs by which these operators get running statistics. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

/** Operators whose result is still only the picture or text that came in, on another scale. */
const rescaling: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Cast', 'Reshape', 'Transpose', 'Identity', 'Slice']);

/**
 * The weights of an imported graph, in the order of the file. Not among them: single numbers, settings of operators, masks, tables of
 * sines, and what scales the inputs.
 *
 * @param initializers Names that the file itself has for constants; others are made up while reading and cannot be written back.
 */
export function trainedWeights(graph: Graph, initializers: ReadonlySet<string>): readonly TrainedWeight[] {
  const uses = usesOf(graph);
  const raw = rawValues(graph);
  const found = [...graph.names].flatMap(([file, v]): readonly Found[] => {
    const tensor = constantOf(v);
    const users = uses.get(v);
    if (!tensor || !users || !initializers.has(file) || !isFloat(tensor.dtype) || tensor.data.length < 2) return [];
    const running = users.every(({ node, at }) => statistics[node.op.onnx]?.includes(at));
    const trains = users.some((use) => !isSetting(use) && !scalesInput(use, raw)) && !isMask(tensor) && !isSineTable(tensor);
    return running || trains ? [{ file, v, tensor, running }] : [];
  });
  return tied(found, uses);
}

interface Found {
  readonly file: string;
  readonly v: Value;
  readonly tensor: Tensor;
  readonly running: boolean;
}

const isSetting = ({ node, at }: Use): boolean => {
  const which = settings[node.op.onnx];
  return which === 'all' || (which?.includes(at) ?? false);
};

/** Inputs, and what only rescales them by constants. */
function rawValues(graph: Graph): ReadonlySet<Value> {
  const raw = new Set<Value>(graph.inputs);
  for (const node of graph.nodes) {
    const given = node.inputs.filter((v) => v !== undefined);
    const isRaw = given.some((v) => raw.has(v)) && given.every((v) => raw.has(v) || v.origin.kind === 'constant');
    if (isRaw && rescaling.has(node.op.onnx)) for (const y of node.outputs) raw.add(y);
  }
  return raw;
}

const scalesInput = ({ node }: Use, raw: ReadonlySet<Value>): boolean =>
  rescaling.has(node.op.onnx) && node.inputs.some((v) => v && raw.has(v));

const numbersOf = (t: Tensor): ArrayLike<number> => t.data as ArrayLike<number>;

/** A table of zeros and ones, or with something as low as no weight is. */
function isMask(t: Tensor): boolean {
  const data = numbersOf(t);
  let [lowest, zeros, ones] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    lowest = Math.min(lowest, data[i]!);
    zeros += Number(data[i] === 0);
    ones += Number(data[i] === 1);
  }
  const binary = t.shape.length > 1 && zeros > 0 && ones > 0 && zeros + ones === data.length;
  return t.dtype === 'float32' && (lowest <= -1e4 || binary);
}

/** Rows of sines and cosines of multiples of the row's number: positions as in the first Transformer, or rotary ones. */
function isSineTable(t: Tensor): boolean {
  const [rows, columns] = [t.shape.at(-2) ?? 0, t.shape.at(-1) ?? 0];
  if (rows < 3 || t.data.length !== rows * columns) return false;
  const at = (row: number, column: number): number => numbersOf(t)[row * columns + column]!;
  const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-3;
  let waves = 0;
  for (let c = 0; c < columns; c++) {
    const [zero, one, two] = [at(0, c), at(1, c), at(2, c)];
    if (Math.abs(one) > 1.0001) return false;
    const isCosine = close(zero, 1) && close(two, 2 * one * one - 1);
    const isSine = close(zero, 0) && close(Math.abs(two), 2 * Math.abs(one) * Math.sqrt(Math.max(0, 1 - one * one)));
    if (!isCosine && !isSine) return false;
    if (Math.abs(one) > 1e-6) waves++;
  }
  return waves > 0;
}

/** Makes one weight of the constants that have the same matrix, transposed or not. */
function tied(found: readonly Found[], uses: Uses): readonly TrainedWeight[] {
  const names = new Set(found.map((f) => f.file));
  const made: { weight: TrainedWeight; places: { file: string; transposed: boolean }[] }[] = [];
  for (const { file, v, tensor, running } of found) {
    const same = running ? undefined : made.find(({ weight }) => !weight.running && likeness(weight.tensor, tensor));
    if (same) {
      same.places.push({ file, transposed: likeness(same.weight.tensor, tensor) === 'transposed' });
      continue;
    }
    const wish = layerName(file, v, uses);
    const name = wish === file || names.has(wish) ? file : wish;
    names.add(name);
    const places = [{ file, transposed: false }];
    made.push({ weight: { name, tensor, places, running }, places });
  }
  return made.map(({ weight }) => weight);
}

/** Whether two matrices hold the same numbers; matrices of one number only are a coincidence. */
function likeness(a: Tensor, b: Tensor): 'equal' | 'transposed' | undefined {
  const [rows, columns] = a.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== b.dtype || a.data.length !== b.data.length) return undefined;
  const [p, q] = [numbersOf(a), numbersOf(b)];
  const equal = (at: (i: number) => number): boolean => {
    for (let i = 0; i < p.length; i++) if (p[i] !== q[at(i)]) return false;
    return true;
  };
  let varied = false;
  for (let i = 1; i < p.length && !varied; i++) varied = p[i] !== p[0];
  if (!varied) return undefined;
  if (b.shape[0] === rows && b.shape[1] === columns && equal((i) => i)) return 'equal';
  const flipped = (i: number): number => (i % columns!) * rows! + Math.floor(i / columns!);
  return b.shape[0] === columns && b.shape[1] === rows && equal(flipped) ? 'transposed' : undefined;
}
