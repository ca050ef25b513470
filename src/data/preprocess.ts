import { z } from 'zod';
import type { ExampleType } from './dataset.ts';
import { collectIssues, DataError } from './error.ts';

const perChannel = <Item extends z.ZodNumber>(item: Item) => z.union([item, z.array(item).min(1)]);

/** How one model wants its input, starting from the view that all models share: pictures in RGB order, channels first, 0…1. */
export const preprocessSchema = z.strictObject({
  resize: z
    .strictObject({
      height: z.int().min(1).max(8192),
      width: z.int().min(1).max(8192),
      mode: z
        .enum(['nearest', 'bilinear'])
        .default('bilinear')
        .describe('nearest: pixel ⌊i·in/out⌋; bilinear: between pixel centres'),
    })
    .optional()
    .describe('Size the model wants; default: the size of the data'),
  channels: z
    .enum(['rgb', 'bgr', 'grey', 'repeat'])
    .default('rgb')
    .describe('rgb: as they are; bgr: reversed; grey: one from three (ITU-R BT.601); repeat: three from one'),
  scale: z.number().positive().default(1).describe('Factor on 0…1, before mean and std: 255 for a model that wants bytes'),
  mean: perChannel(z.number())
    .default(0)
    .describe('Subtracted after scaling; one number, or one a channel in the order of the model'),
  std: perChannel(z.number().positive()).default(1).describe('Divided by after the mean; one number, or one a channel'),
  layout: z.enum(['nchw', 'nhwc']).default('nchw').describe('Where the channels go'),
  flatten: z.boolean().default(false).describe('One row of numbers for each picture'),
});
export type Preprocess = z.output<typeof preprocessSchema>;

/** Examples in flight: numbers of one example and their shape ([C,H,W] until the layout is chosen). */
interface Picture {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Stage = (from: Picture) => Picture;

const channelStages: Readonly<
  Record<Preprocess['channels'], { readonly needs: number | null; readonly gives: number | null; readonly stage: Stage }>
> = {
  rgb: { needs: null, gives: null, stage: (p) => p },
  bgr: {
    needs: 3,
    gives: 3,
    stage: (p) =>
      mixChannels(p, [
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ]),
  },
  grey: { needs: 3, gives: 1, stage: (p) => mixChannels(p, [[0.299, 0.587, 0.114]]) },
  repeat: { needs: 1, gives: 3, stage: (p) => mixChannels(p, [[1], [1], [1]]) },
};

/** The shape of one example as the model gets it, without the batch. Throws `DataError` where the data cannot be brought to it. */
export function preprocessedShape(spec: Preprocess, example: ExampleType): readonly number[] {
  const issues = collectIssues();
  const wrong = (option: string, found: string, expected: string, fix?: string): void =>
    issues.add({ where: `preprocess.${option}`, found, expected, ...(fix === undefined ? {} : { fix }) });
  const { needs, gives } = channelStages[spec.channels];
  const seen = `examples of shape [${example.shape}]`;
  if (example.layout === 'tokens') {
    if (JSON.stringify(spec) !== JSON.stringify(preprocessSchema.parse({})))
      throw new DataError({
        where: 'preprocess',
        found: 'it is set for texts',
        expected: 'pictures or numbers',
        fix: 'remove it',
      });
    return example.shape;
  }
  if (example.layout === 'vector') {
    if (spec.resize) wrong('resize', `it is set for ${seen}`, 'pictures', 'remove it');
    if (needs !== null) wrong('channels', `'${spec.channels}' for ${seen}`, 'pictures', 'remove it');
    if (spec.layout !== 'nchw') wrong('layout', `'${spec.layout}' for ${seen}`, 'pictures', 'remove it');
  }
  const [channels, height = 1, width = 1] = example.shape as readonly number[] as [number, number?, number?];
  if (example.layout === 'image' && needs !== null && needs !== channels) {
    wrong('channels', `'${spec.channels}' for pictures with ${channels}`, `${needs} channel${needs > 1 ? 's' : ''}`);
  }
  const out = [gives ?? channels, spec.resize?.height ?? height, spec.resize?.width ?? width] as const;
  for (const option of ['mean', 'std'] as const) {
    const value = spec[option];
    if (Array.isArray(value) && value.length !== 1 && value.length !== out[0]) {
      wrong(option, `${value.length} numbers`, `one, or ${out[0]} (one a channel of the model)`);
    }
  }
  issues.check();
  if (example.layout === 'vector') return [channels];
  const [c, h, w] = out;
  if (spec.flatten) return [c * h * w];
  return spec.layout === 'nchw' ? [c, h, w] : [h, w, c];
}

/**
 * The preprocessing of one example in plain code, as a reference: resize, channels, (x·scale − mean) / std, layout.
 * Reads at `from` in the shared view and writes at `to`.
 */
export function preprocess(
  spec: Preprocess,
  example: ExampleType,
): (view: Float32Array, from: number, out: Float32Array, to: number) => void {
  preprocessedShape(spec, example);
  const { resize, scale, mean, std } = spec;
  const shape = example.layout === 'image' ? example.shape : [example.shape[0], 1, 1];
  const count = shape.reduce((a, b) => a * b, 1);
  const stages: Stage[] = [
    ...(resize ? [(p: Picture) => resized(p, resize)] : []),
    channelStages[spec.channels].stage,
    (p) => normalised(p, scale, [mean].flat(), [std].flat()),
    ...(spec.layout === 'nhwc' ? [channelsLast] : []),
  ];
  return (view, from, out, to) => {
    const start: Picture = { shape, data: view.slice(from, from + count) };
    out.set(stages.reduce((picture, stage) => stage(picture), start).data, to);
  };
}

/** Every channel that goes out is a weighted sum of those that come in. */
function mixChannels({ shape, data }: Picture, weights: readonly (readonly number[])[]): Picture {
  const [, height, width] = shape as [number, number, number];
  const area = height * width;
  const out = new Float32Array(weights.length * area);
  weights.forEach((row, c) => {
    for (let p = 0; p < area; p++) out[c * area + p] = row.reduce((sum, w, k) => sum + w * data[k * area + p]!, 0);
  });
  return { shape: [weights.length, height, width], data: out };
}

function normalised({ shape, data }: Picture, scale: number, mean: readonly number[], std: readonly number[]): Picture {
  const area = data.length / shape[0]!;
  const pick = (list: readonly number[], c: number): number => list[list.length === 1 ? 0 : c]!;
  return {
    shape,
    data: data.map((x, p) => {
      const c = Math.floor(p / area);
      return (x * scale - pick(mean, c)) / pick(std, c);
    }),
  };
}

function channelsLast({ shape, data }: Picture): Picture {
  const [channels, height, width] = shape as [number, number, number];
  const area = height * width;
  return { shape: [height, width, channels], data: data.map((_, p) => data[(p % channels) * area + Math.floor(p / channels)]!) };
}

/** Where an output pixel looks in an input axis: two neighbours and the share of the second. */
type Look = readonly [near: number, far: number, share: number];

const looks: Readonly<Record<'nearest' | 'bilinear', (i: number, from: number, to: number) => Look>> = {
  nearest: (i, from, to) => [Math.floor((i * from) / to), 0, 0],
  bilinear: (i, from, to) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const near = Math.floor(at);
    return [near, Math.min(from - 1, near + 1), at - near];
  },
};

function resized({ shape, data }: Picture, { height, width, mode }: NonNullable<Preprocess['resize']>): Picture {
  const [channels, fromHeight, fromWidth] = shape as [number, number, number];
  const rows = Array.from({ length: height }, (_, y) => looks[mode](y, fromHeight, height));
  const columns = Array.from({ length: width }, (_, x) => looks[mode](x, fromWidth, width));
  const out = new Float32Array(channels * height * width);
  let p = 0;
  for (let c = 0; c < channels; c++) {
    const at = (y: number, x: number): number => data[(c * fromHeight + y) * fromWidth + x]!;
    for (const [top, bottom, down] of rows) {
      for (const [left, right, along] of columns) {
        const upper = at(top, left) * (1 - along) + at(top, right) * along;
        const lower = at(bottom, left) * (1 - along) + at(bottom, right) * along;
        out[p++] = upper * (1 - down) + lower * down;
      }
    }
  }
  return { shape: [channels, height, width], data: out };
}
