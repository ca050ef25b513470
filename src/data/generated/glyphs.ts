import { z } from 'zod';
import { imageDataset } from '../dataset.ts';
import { type Random, random } from '../random.ts';
import { checkMemory, defineSource, plainSource } from '../source.ts';
import { letters, type Stroke } from './strokes.ts';

export const glyphs = defineSource({
  kind: 'glyphs',
  summary: 'Generated pictures of letters, bent, shifted, cluttered and noisy, so that they need a real network.',
  options: z.strictObject({
    kind: z.literal('glyphs'),
    classes: z.int().min(2).max(26).default(10).describe('Letters, from A on'),
    size: z.int().min(1).max(10_000_000).default(10_000).describe('Pictures, before they are divided'),
    pixels: z.int().min(8).max(256).default(28).describe('Width and height of a picture'),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(1)
      .describe('1: grey; 3: ink and ground in random colours'),
    distortion: z
      .number()
      .min(0)
      .max(3)
      .default(1)
      .describe('Size of all that varies in shape and place; 0: every letter upright and centred'),
    labelled: z.number().gt(0).max(1).default(1).describe('Share of the pictures that have a label'),
    noise: z.number().min(0).max(3).default(1).describe('Size of the noise and amount of clutter; 0: clean'),
    seed: z.int().default(0).describe('Seed of the data, apart from the seeds of training'),
  }),
  async open({ classes, size, pixels, channels, distortion, labelled, noise, seed }, context) {
    const each = channels * pixels * pixels;
    checkMemory(size, each, context);
    const bytes = new Uint8Array(size * each);
    const labels = new Int8Array(size);
    const pen = newPen(pixels);
    for (let i = 0; i < size; i++) {
      const r = random(seed, 'glyphs', i);
      const letter = i % classes;
      labels[i] = hasLabel(Math.floor(i / classes), labelled) ? letter : -1;
      pen.draw(letters[letter]!.strokes, r, distortion, noise);
      pen.print(bytes.subarray(i * each, (i + 1) * each), channels, r, noise);
    }
    return plainSource(
      imageDataset({
        name: 'glyphs',
        shape: [channels, pixels, pixels],
        bytes,
        labels,
        classes: letters.slice(0, classes).map((l) => l.name),
      }),
    );
  },
});

/** Whether the n-th picture of a class has a label: evenly spread, so that every class gets its share. */
const hasLabel = (n: number, share: number): boolean => Math.floor((n + 1) * share) > Math.floor(n * share);

/** Draws into one sheet of ink coverage (0…1), used again for every picture. */
function newPen(pixels: number) {
  const ink = new Float32Array(pixels * pixels);
  const grain = new Float32Array(pixels * pixels);
  const between = (r: Random, low: number, high: number): number => low + (high - low) * r.uniform();

  /** Inks the pixels near a line between two points, in pixels; the edge is one pixel soft. */
  function segment(x0: number, y0: number, x1: number, y1: number, halfWidth: number, strength: number): void {
    const reach = halfWidth + 1;
    const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
    const right = Math.min(pixels - 1, Math.floor(Math.max(x0, x1) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
    const bottom = Math.min(pixels - 1, Math.floor(Math.max(y0, y1) + reach));
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length = dx * dx + dy * dy || 1;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
        const ex = x - x0 - t * dx;
        const ey = y - y0 - t * dy;
        const cover = strength * Math.min(1, Math.max(0, halfWidth + 0.5 - Math.sqrt(ex * ex + ey * ey)));
        const at = y * pixels + x;
        if (cover > ink[at]!) ink[at] = cover;
      }
    }
  }

  /** A smooth random displacement of the plane, at most about `size` (in letter heights). */
  function bend(r: Random, size: number): (x: number, y: number) => readonly [number, number] {
    const waves = Array.from({ length: 4 }, () => ({
      fx: between(r, -4, 4),
      fy: between(r, -4, 4),
      phase: between(r, 0, 2 * Math.PI),
      a: between(r, -size, size),
    }));
    const [a, b, c, d] = waves as [Wave, Wave, Wave, Wave];
    const at = (w: Wave, x: number, y: number): number => w.a * Math.sin(w.fx * x + w.fy * y + w.phase);
    return (x, y) => [x + at(a, x, y) + at(b, x, y), y + at(c, x, y) + at(d, x, y)];
  }

  return {
    draw(strokes: readonly Stroke[], r: Random, distortion: number, noise: number): void {
      ink.fill(0);
      const d = distortion;
      const angle = d * between(r, -0.35, 0.35);
      const shear = d * between(r, -0.35, 0.35);
      const height = pixels * (0.62 + d * between(r, -0.17, 0.13));
      const width = pixels * (0.5 + d * between(r, -0.17, 0.13));
      const cx = (pixels - 1) / 2 + d * pixels * between(r, -0.13, 0.13);
      const cy = (pixels - 1) / 2 + d * pixels * between(r, -0.13, 0.13);
      const warp = bend(r, 0.06 * d);
      const halfWidth = (pixels / 28) * (0.9 + d * between(r, -0.4, 0.6));
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      for (const stroke of strokes) {
        let fromX = 0;
        let fromY = 0;
        for (let p = 0; p < stroke.length; p++) {
          const [wx, wy] = warp(stroke[p]![0], stroke[p]![1]);
          const v = (wy - 0.5) * height;
          const u = (wx - 0.5) * width + shear * v;
          const x = cx + cos * u - sin * v;
          const y = cy + sin * u + cos * v;
          if (p > 0) segment(fromX, fromY, x, y, halfWidth, 1);
          fromX = x;
          fromY = y;
        }
      }
      const scratches = Math.round(noise * between(r, 0, 4));
      for (let s = 0; s < scratches; s++) {
        const x = between(r, 0, pixels);
        const y = between(r, 0, pixels);
        const turn = between(r, 0, 2 * Math.PI);
        const long = pixels * between(r, 0.15, 0.4);
        segment(
          x,
          y,
          x + long * Math.cos(turn),
          y + long * Math.sin(turn),
          halfWidth * between(r, 0.4, 0.9),
          between(r, 0.4, 0.9),
        );
      }
    },
    /** Turns ink into bytes: colours of ink and ground, a slope of light, and grain. */
    print(out: Uint8Array, channels: number, r: Random, noise: number): void {
      const contrast = 1 - noise * between(r, 0, 0.45);
      const slopeX = noise * between(r, -0.15, 0.15);
      const slopeY = noise * between(r, -0.15, 0.15);
      const level = noise * 0.1;
      for (let c = 0; c < channels; c++) {
        const ground = channels === 1 ? 0.08 : between(r, 0, 0.45);
        const full = channels === 1 ? 1 : between(r, ground + 0.25, 1);
        r.fillNormal(grain);
        for (let y = 0; y < pixels; y++) {
          for (let x = 0; x < pixels; x++) {
            const at = y * pixels + x;
            const light = slopeX * (x / pixels - 0.5) + slopeY * (y / pixels - 0.5);
            const value = ground + (full - ground) * contrast * ink[at]! + light + level * grain[at]!;
            out[c * pixels * pixels + at] = Math.round(255 * Math.min(1, Math.max(0, value)));
          }
        }
      }
    },
  };
}

interface Wave {
  readonly fx: number;
  readonly fy: number;
  readonly phase: number;
  readonly a: number;
}
