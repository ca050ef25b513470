import type { Value } from '../graph/graph.ts';
import { tensor } from '../graph/type.ts';
import { axisOf, type Import, int64s, type NodeReader, Unreadable } from './define.ts';
import { gather } from './gather.ts';
import { matmul } from './linalg.ts';
import { sizeAt, slice } from './movement.ts';
import { upsample } from './resample.ts';
import { reshape, swapLast, transpose } from './shape.ts';

/** Where a result cell lies in the input, in input cells. `scale` is the factor that the file states. */
type Coordinate = (at: number, size: number, result: number, scale: number) => number;

const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: (at, _size, _result, scale) => (at + 0.5) / scale - 0.5,
  pytorch_half_pixel: (at, _size, result, scale) => (result > 1 ? (at + 0.5) / scale - 0.5 : 0),
  align_corners: (at, size, result) => (result > 1 ? (at * (size - 1)) / (result - 1) : 0),
  asymmetric: (at, _size, _result, scale) => at / scale,
  half_pixel_symmetric: (at, size, result, scale) => {
    const adjusted = result / (scale * size);
    return (size / 2) * (1 - adjusted) + (at + 0.5) / scale - 0.5;
  },
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of the cells around a place, by their distance from it. */
const kernels: Readonly<Record<string, { readonly radius: number; weight(distance: number, a: number): number }>> = {
  linear: { radius: 1, weight: (d) => Math.max(0, 1 - d) },
  cubic: {
    radius: 2,
    // Keys 1981, "Cubic convolution interpolation for digital image processing", eq. 15.
    weight: (d, a) => {
      if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
      return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
    },
  },
};

interface Axis {
  readonly axis: number;
  readonly size: number;
  readonly result: number;
  readonly scale: number;
}

/** Result cells as weighted sums of input cells along one axis: [result, size]. Places beyond the border repeat it. */
function interpolation(x: Value, { size, result, scale }: Axis, place: Coordinate, mode: string, a: number): Value {
  const { radius, weight } = kernels[mode]!;
  const matrix = Array.from({ length: result * size }, () => 0);
  for (let i = 0; i < result; i++) {
    const at = place(i, size, result, scale);
    const first = Math.floor(at) - radius + 1;
    for (let j = first; j < first + 2 * radius; j++) {
      const cell = Math.min(Math.max(j, 0), size - 1);
      matrix[i * size + cell]! += weight(Math.abs(at - j), a);
    }
  }
  return x.graph.constant(tensor(x.dtype, [result, size], matrix));
}

/** A matrix times a value along one axis. */
function along(x: Value, matrix: Value, axis: number): Value {
  if (axis === x.rank - 1) return matmul(x, swapLast(matrix));
  if (axis === x.rank - 2) return matmul(matrix, x);
  const order = [...x.shape.keys()].filter((i) => i !== axis).concat(axis);
  const moved = matmul(transpose(x, order), swapLast(matrix));
  return transpose(
    moved,
    order.map((_, i) => order.indexOf(i)),
  );
}

/** Where the nearest neighbour of each result cell lies. */
const nearest = ({ size, result, scale }: Axis, place: Coordinate, rounding: (x: number) => number): readonly number[] =>
  Array.from({ length: result }, (_, i) => Math.min(Math.max(rounding(place(i, size, result, scale)), 0), size - 1));

/** Nearest neighbours: whole factors on spatial axes by repetition, whole strides by slicing, the rest by index. */
function resizeNearest(x: Value, axes: readonly Axis[], places: readonly (readonly number[])[]): Value {
  const factors = x.shape.map(() => 1);
  const rest = axes.flatMap((one, i) => {
    const factor = one.result / one.size;
    const repeats = Number.isInteger(factor) && one.axis >= 2 && places[i]!.every((p, at) => p === Math.floor(at / factor));
    if (repeats) factors[one.axis] = factor;
    return repeats ? [] : [{ axis: one.axis, list: places[i]! }];
  });
  const enlarged = upsample(x, factors.slice(2));
  return rest.reduce((v, { axis, list }) => {
    const step = list.length > 1 ? list[1]! - list[0]! : 1;
    const regular = step > 0 && list.every((p, i) => p === list[0]! + i * step);
    if (regular) return slice(v, [list[0]!], [list.at(-1)! + 1], [axis], [step]);
    return gather(v, v.graph.constant(int64s(list)), axis);
  }, enlarged);
}

function readAxes(r: NodeReader, x: Value): readonly Axis[] {
  const old = r.opset < 10;
  const given = r.ints('axes', x.shape.map((_, i) => i)); // biome-ignore format: one call
  const axes = given.map((a) => axisOf(a, x.rank, r.onnx));
  if (r.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch') throw new Unreadable('it keeps the aspect ratio');
  const scales = old ? (r.has('scales') ? r.floats('scales') : r.numbers(1)) : r.opset < 11 ? r.numbers(1) : r.numbers(2, []);
  const sizes = r.opset < 11 ? [] : r.numbers(3, []);
  return axes.flatMap((axis, i) => {
    const size = sizeAt(x, axis, r.onnx);
    const result = sizes.length > 0 ? sizes[i]! : Math.floor(size * scales[i]!);
    const scale = sizes.length > 0 ? result / size : scales[i]!;
    return result === size && scale === 1 ? [] : [{ axis, size, result, scale }];
  });
}

function readResize(r: NodeReader): Value {
  const x = r.input(0);
  const axes = readAxes(r, x);
  const mode = r.string('mode', 'nearest');
  const name = r.opset < 11 ? 'asymmetric' : r.string('coordinate_transformation_mode', 'half_pixel');
  const place = coordinates[name];
  if (!place) throw new Unreadable(`coordinate_transformation_mode '${name}' is not read`);
  if (r.int('antialias', 0) !== 0 || r.int('exclude_outside', 0) !== 0) throw new Unreadable('antialiasing is not read');
  if (mode === 'nearest') {
    const rounding = roundings[r.opset < 11 ? 'floor' : r.string('nearest_mode', 'round_prefer_floor')];
    if (!rounding) throw new Unreadable(`nearest_mode '${r.string('nearest_mode')}' is not known`);
    return resizeNearest(
      x,
      axes,
      axes.map((axis) => nearest(axis, place, rounding)),
    );
  }
  if (!kernels[mode]) throw new Unreadable(`mode '${mode}' is not known`);
  const a = r.float('cubic_coeff_a', -0.75);
  return axes.reduce((v, axis) => along(v, interpolation(v, axis, place, mode, a), axis.axis), x);
}

/** Channels into space: [N, C·b·b, H, W] to [N, C, H·b, W·b]; 'CRD' takes the channel as the slowest part, 'DCR' as the fastest. */
export function depthToSpace(x: Value, b: number, mode: 'DCR' | 'CRD' = 'DCR'): Value {
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  const deep = c / (b * b);
  const parts =
    mode === 'DCR'
      ? transpose(reshape(x, [n, b, b, deep, h, w]), [0, 3, 4, 1, 5, 2])
      : transpose(reshape(x, [n, deep, b, b, h, w]), [0, 1, 4, 2, 5, 3]);
  return reshape(parts, [n, deep, h * b, w * b]);
}

/** Space into channels: [N, C, H·b, W·b] to [N, b·b·C, H, W]. */
export function spaceToDepth(x: Value, b: number): Value {
  const [n, c, h, w] = x.shape as readonly [number, number, number, number];
  return reshape(transpose(reshape(x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b]);
}

export const resizeImports: readonly Import[] = [
  { onnx: 'Resize', domain: '', read: readResize },
  { onnx: 'Upsample', domain: '', read: readResize },
  {
    onnx: 'DepthToSpace',
    domain: '',
    read: (r) => depthToSpace(r.input(0), r.int('blocksize'), r.string('mode', 'DCR') === 'CRD' ? 'CRD' : 'DCR'),
  },
  { onnx: 'SpaceToDepth', domain: '', read: (r) => spaceToDepth(r.input(0), r.int('blocksize')) },
];
