/** Something that the axes of parameters count: hidden channels, heads, words. */
export interface Counted {
  readonly units: number;
  /** Consecutive numbers that make up a unit along an axis: those of a head, for one. */
  readonly each: number;
  /** Which ones stay when there are to be fewer: the important ones, or the first, where the order means something. */
  readonly kept: 'important' | 'first';
  /** Roles whose last axis is made of these units, `*` standing for the number of a layer: what importance is measured on. */
  readonly taps: readonly string[];
}

/** What a model is made of, so that a smaller one can be cut out of it. */
export interface Structure {
  readonly layers: number;
  readonly counted: Readonly<Record<string, Counted>>;
  /**
   * What each axis of a parameter counts, by its name, `*` standing for the number of a layer. Null: something that only fits a model
   * of the same size. Parameters that are not listed are never taken over.
   */
  readonly axes: Readonly<Record<string, readonly (string | null)[]>>;
}

/** A name with the number of its layer taken out: `layers.3.norm.bias` is `layers.*.norm.bias` of layer 3. */
export function patternOf(name: string): { readonly pattern: string; readonly layer: number | undefined } {
  const found = /(^|\.)(\d+)(?=\.|$)/.exec(name);
  if (!found) return { pattern: name, layer: undefined };
  const at = found.index + found[1]!.length;
  return { pattern: `${name.slice(0, at)}*${name.slice(at + found[2]!.length)}`, layer: Number(found[2]) };
}

/** The name in a layer. */
export const nameIn = (pattern: string, layer: number | undefined): string =>
  layer === undefined ? pattern : pattern.replace('*', String(layer));
