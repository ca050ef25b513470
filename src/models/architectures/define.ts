import type { z } from 'zod';
import { showShape } from '../../graph/type.ts';
import type { Model, ModelShape } from '../define.ts';
import { ModelError } from '../error.ts';
import type { Structure } from '../shrink/structure.ts';

/** A family of models: options, words for people, and the model that they give for some data. */
export interface Architecture<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  /** One sentence: what it is and what it is good for. */
  readonly summary: string;
  readonly paper: string;
  /** Strict object with `kind` among its keys. */
  readonly options: S;
  /** @throws ModelError if data of this shape do not go through it. */
  readonly create: (options: z.infer<S>, shape: ModelShape) => Model;
  /** What models of this family are made of, where a smaller one can be cut out of a larger one. */
  readonly structure?: (options: z.infer<S>, shape: ModelShape) => Structure;
  /** The table of word vectors whose mean the model reads, where vectors that were made elsewhere can stand in it. */
  readonly words?: (options: z.infer<S>) => { readonly parameter: string; readonly width: number };
}

export const defineArchitecture = <S extends z.ZodObject>(architecture: Architecture<S>): Architecture<S> => architecture;

/** Channels, height and width of the pictures that a model takes; throws ModelError for anything else or smaller than `least`. */
export function pictureSize(where: string, { input }: ModelShape, least: number): readonly [number, number, number] {
  const [channels, height, width] = input;
  if (input.length !== 3 || Math.min(height!, width!) < least) {
    throw new ModelError(
      'bad-shape',
      `${where}: one example is ${showShape(input)}; expected a picture [channels,height,width] of at least ${least} by ${least}; choose another architecture or resize the pictures`,
    );
  }
  return [channels!, height!, width!];
}

/** Tokens of the longest text and entries of the vocabulary of data that are texts; throws ModelError for anything else. */
export function textSize(
  where: string,
  { input, vocabulary }: ModelShape,
): { readonly longest: number; readonly vocabulary: number } {
  const [texts, longest] = input;
  if (input.length !== 2 || texts !== 2 || vocabulary === undefined) {
    throw new ModelError(
      'bad-shape',
      `${where}: one example is ${showShape(input)}; expected tokens [2,length] of a known vocabulary; choose another architecture, or data that are texts`,
    );
  }
  return { longest: longest!, vocabulary };
}
