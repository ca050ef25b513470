import { z } from 'zod';
import { defineAugmentation, pictureShape } from './define.ts';

export const affine = defineAugmentation({
  kind: 'affine',
  summary: 'Turns, scales and shears a picture around its centre by random amounts (bilinear, zero outside).',
  options: z.strictObject({
    kind: z.literal('affine'),
    degrees: z.number().min(0).max(180).default(10).describe('Most degrees of turning, either way'),
    scale: z.number().min(0).max(0.9).default(0.1).describe('Most change of size: 0.1 is 90 % to 110 %'),
    shear: z.number().min(0).max(2).default(0.1).describe('Most shear: sideways pixels for each pixel down'),
    p: z.number().min(0).max(1).default(1).describe('Probability, for each picture'),
  }),
  prepare({ degrees, scale, shear, p }, { example }) {
    const shape = pictureShape('affine', example);
    const picture = new Float32Array(shape[0] * shape[1] * shape[2]);
    return {
      varies: p > 0 && (degrees > 0 || scale > 0 || shear > 0),
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          if (random.uniform() >= p) continue;
          const angle = ((2 * random.uniform() - 1) * degrees * Math.PI) / 180;
          const zoom = 1 + (2 * random.uniform() - 1) * scale;
          const slant = (2 * random.uniform() - 1) * shear;
          const at = i * picture.length;
          picture.set(x.subarray(at, at + picture.length));
          const cos = Math.cos(angle) / zoom;
          const sin = Math.sin(angle) / zoom;
          resample(picture, x, at, shape, [cos, sin + slant * cos, -sin, cos - slant * sin]);
        }
      },
    };
  },
});

/** Fills the picture at `offset` from the points that the matrix [xx, xy, yx, yy] gives for its pixels, about the centre. */
export function resample(
  from: Float32Array,
  out: Float32Array,
  offset: number,
  [channels, height, width]: readonly [number, number, number],
  [xx, xy, yx, yy]: readonly [number, number, number, number],
): void {
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const area = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = cx + xx * (x - cx) + xy * (y - cy);
      const v = cy + yx * (x - cx) + yy * (y - cy);
      const left = Math.floor(u);
      const top = Math.floor(v);
      const fx = u - left;
      const fy = v - top;
      const w = left >= 0 && left < width;
      const e = left + 1 >= 0 && left + 1 < width && fx > 0;
      const n = top >= 0 && top < height;
      const s = top + 1 >= 0 && top + 1 < height && fy > 0;
      for (let c = 0; c < channels; c++) {
        const at = c * area + top * width + left;
        let sum = 0;
        if (n && w) sum += (1 - fx) * (1 - fy) * from[at]!;
        if (n && e) sum += fx * (1 - fy) * from[at + 1]!;
        if (s && w) sum += (1 - fx) * fy * from[at + width]!;
        if (s && e) sum += fx * fy * from[at + width + 1]!;
        out[offset + c * area + y * width + x] = sum;
      }
    }
  }
}
