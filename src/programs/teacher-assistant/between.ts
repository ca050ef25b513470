import { type StudentModelOptions, studentModel } from '../../recipe/recipe.ts';

/**
 * Models between a large and a small one of the same architecture, evenly spaced on a logarithmic scale of all its sizes, the largest
 * first; null where the two differ in more than numbers, or a size between is none of the architecture.
 */
export function modelsBetween(
  large: StudentModelOptions,
  small: StudentModelOptions,
  count: number,
): readonly StudentModelOptions[] | null {
  const models: StudentModelOptions[] = [];
  for (let i = 1; i <= count; i++) {
    const parsed = studentModel.safeParse(between(large, small, i / (count + 1)));
    if (!parsed.success) return null;
    models.push(parsed.data);
  }
  return models;
}

/** A value that no schema takes. */
const impossible = Symbol('impossible');

function between(a: unknown, b: unknown, part: number): unknown {
  if (typeof a === 'number' && typeof b === 'number') return number(a, b, part);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length ? a.map((v, i) => between(v, b[i], part)) : impossible;
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return Object.fromEntries(keys.map((key) => [key, between(a[key], b[key], part)]));
  }
  return a === b ? a : impossible;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function number(a: number, b: number, part: number): number {
  if (a === b) return a;
  const value = a > 0 && b > 0 ? a * (b / a) ** part : a + (b - a) * part;
  return Number.isInteger(a) && Number.isInteger(b) ? Math.round(value) : Number(value.toPrecision(3));
}
