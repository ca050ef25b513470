import { isFloat, type Shape } from '../../graph/type.ts';
import { OnnxError } from '../../onnx/error.ts';
import type { Model } from '../../onnx/model.ts';
import { writeModel } from '../../onnx/write-model.ts';
import type { Feeds, Port, Runtime } from '../../runtime/port.ts';
import { emptyHistogram, type Histogram, observe } from './histogram.ts';

/** Batches of what the model will see, each with all of its inputs. */
export type Calibration = Iterable<Feeds> | AsyncIterable<Feeds>;

export interface CalibrateOptions {
  readonly runtime: Pick<Runtime, 'open'>;
  readonly calibration: Calibration;
  /** Bytes of inner tensors that are fetched at a time. */
  readonly memory: number;
  readonly source: string;
}

/**
 * Runs a model on batches and counts the values of inner tensors.
 *
 * @throws OnnxError if there is no batch, a batch does not fit, or a value is not a finite number.
 */
export async function calibrate(
  model: Model,
  tensors: readonly string[],
  { runtime, calibration, memory, source }: CalibrateOptions,
): Promise<ReadonlyMap<string, Histogram>> {
  const seen = new Map(tensors.map((name) => [name, emptyHistogram()]));
  const given = new Set(model.graph.inputs.map((v) => v.name));
  const inner = tensors.filter((name) => !given.has(name));
  const outputs = inner.map((name) => ({ name, dtype: undefined, shape: undefined }));
  const session = await runtime.open(writeModel({ ...model, graph: { ...model.graph, outputs, values: new Map() } }));
  const sizes = new Map<string, number>();
  let batches = 0;
  try {
    for await (const feeds of calibration) {
      batches++;
      for (const name of tensors) if (given.has(name)) observe(seen.get(name)!, feeds[name]!.data as Float32Array);
      const known = new Map([...expected(session.outputs, session.inputs, feeds), ...sizes]);
      for (const fetch of portions(inner, known, memory)) {
        const fetched = await session.run(feeds, fetch).catch((error: Error) => {
          throw new OnnxError('sizes', `${source}: calibration batch ${batches}: ${error.message}`, error);
        });
        for (const name of fetch) {
          const { data } = fetched[name]!;
          sizes.set(name, data.byteLength);
          observe(seen.get(name)!, data as Float32Array);
        }
      }
    }
  } finally {
    await session.release();
  }
  if (batches === 0) throw new OnnxError('unsupported', `${source}: there is no batch to calibrate with; expected at least one`);
  return seen;
}

/** Bytes of outputs as far as their shapes follow from those of the inputs. */
function expected(outputs: readonly Port[], inputs: readonly Port[], feeds: Feeds): readonly (readonly [string, number])[] {
  const bound = new Map<string, number>();
  for (const { name, shape } of inputs) {
    shape.forEach((d, axis) => {
      const size = feeds[name]?.shape[axis];
      if (typeof d === 'string' && !d.startsWith('?') && size !== undefined) bound.set(d, size);
    });
  }
  const bytes = (shape: Shape): number =>
    shape.reduce<number>((n, d) => n * (typeof d === 'number' ? d : (bound.get(d) ?? Number.NaN)), 4);
  return outputs.flatMap(({ name, dtype, shape }) => (isFloat(dtype) && bytes(shape) > 0 ? [[name, bytes(shape)] as const] : []));
}

/** Tensors in portions that fit into `memory`; one of unknown size goes alone. */
function* portions(names: readonly string[], sizes: ReadonlyMap<string, number>, memory: number): Generator<readonly string[]> {
  let portion: string[] = [];
  let taken = 0;
  for (const name of names) {
    const size = sizes.get(name) ?? memory;
    if (portion.length > 0 && taken + size > memory) {
      yield portion;
      portion = [];
      taken = 0;
    }
    portion.push(name);
    taken += size;
  }
  if (portion.length > 0) yield portion;
}
