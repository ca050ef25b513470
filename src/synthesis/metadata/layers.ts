import type { Shape } from '../../graph/type.ts';

const usual = /^(hidden\.\d+|embedding)$/;

/** Layers that are recorded and compared unless told: hidden ones by role, the embedding, and what all teachers give, the logits; in that order. */
export const usualLayers = (offered: ReadonlyMap<string, Shape>): readonly string[] => [
  ...[...offered].flatMap(([name, shape]) => (usual.test(name) && isSized(shape) ? [name] : [])).sort(byNumber),
  'logits',
];

/** Whether a layer gives as many numbers for any example. */
export const isSized = (shape: Shape): shape is readonly number[] => shape.every((d) => typeof d === 'number');

/** `hidden.2` before `hidden.10` before `embedding`. */
const byNumber = (a: string, b: string): number => place(a) - place(b);
const place = (name: string): number => Number(name.split('.')[1] ?? Number.POSITIVE_INFINITY);
