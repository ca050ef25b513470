import type { HubOptions } from '../../data/hub/options.ts';
import type { Splits } from '../../data/split.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import type { EncoderParts } from '../../models/shrink/encoder-parts.ts';
import type { Recipe, StudentModelOptions } from '../../recipe/recipe.ts';
import type { Tensors } from '../store.ts';
import type { TrainContext } from '../train.ts';

/** A teacher as a part of a graph, before it becomes a file. */
export interface TeacherPart {
  readonly name: string;
  /** Where its vector of an example comes from, for data without labels; the role `embedding` unless told, averaged over tokens or places. */
  readonly vector?: { readonly tap: string; readonly of: (value: Value, view: Value) => Value };
  /** What can be tapped, by role or tensor name: shape of one example's part. `logits` is always among them. */
  readonly offer: ReadonlyMap<string, Shape>;
  /** What is there besides for texts with something to guess. */
  readonly guesses?: ReadonlyMap<string, Shape>;
  /** Whether a graph can only be made for a known number of examples. */
  readonly fixedBatch: boolean;
  /**
   * Appends the teacher to a graph.
   * @param view [B, …example], what the data gives.
   * @returns the taps that were asked for, [B, …].
   */
  build(graph: Graph, view: Value, taps: readonly string[]): Promise<ReadonlyMap<string, Value>>;
  /** Trained tensors by the model's names, for the views of a shape; where a run has trained it. */
  weights?(view: Shape): Tensors;
  /** The architecture or file behind `weights`. */
  readonly options?: StudentModelOptions;
  /** The encoder in its file taken apart, with the weights for views of a shape; gives undefined where it is none as BERT's. */
  encoder?(view: Shape): Promise<EncoderParts | undefined>;
  /** How many ids of tokens it knows, where that comes from a file. */
  readonly vocabulary?: number | undefined;
  readonly parameters: number;
  /** Bytes of the user's file, or of the trained model's weights. */
  readonly size: number;
  /** How many models it is made of; their own logits are then the taps `logits.0`, `logits.1`, … */
  readonly members: number;
  /** Null where the teacher was brought. */
  readonly bestEpoch: number | null;
  readonly seconds: number;
}

export interface TeacherContext extends TrainContext {
  readonly splits: Splits;
  /** Folder that paths start from. */
  readonly folder: string;
  /** How models are fetched from the Hugging Face Hub. */
  readonly hub?: HubOptions | undefined;
  readonly recipe: Recipe;
}

/** Opens a teacher of one kind, or trains it first. `path`: where it stands in the recipe, for messages. */
export type OpenPart<O> = (options: O, context: TeacherContext, path: string) => Promise<TeacherPart>;
