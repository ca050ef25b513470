import type { Value } from '../graph/graph.ts';
import { isFloat, type Shape, showShape } from '../graph/type.ts';
import { cast } from '../ops/elementwise.ts';
import { ModelError } from './error.ts';
import type { ImportedModel, ModelFacts } from './import.ts';
import { type TextPart, textFeeds, textInputs, textShapes } from './text-inputs.ts';
import { isTokens } from './tokens.ts';

/** How one batch of examples becomes the inputs of an imported model. */
export interface ModelInputs {
  /** Whether examples are tokens. */
  readonly text: boolean;
  /** The input that takes token ids, where examples are tokens. */
  readonly ids: string | undefined;
  /** Shapes of the inputs for a batch [N, …example]. */
  shapes(x: Shape): Readonly<Record<string, Shape>>;
  /** Values for the inputs made of a batch; `model` is settled for its shape. */
  feeds(model: ImportedModel, x: Value): Readonly<Record<string, Value>>;
}

/**
 * Matches examples with the inputs of a model: tokens (those with what is to be guessed too) with its inputs of whole numbers, anything else with its only input.
 *
 * @param example Shape of one example as the model gets it.
 * @param where The model's role in messages: `student`, `teacher`.
 * @param given What the user says the inputs of a text model are.
 * @throws ModelError `bad-shape` if they do not fit, `bad-option` if the inputs of a text model are not known.
 */
export function matchInputs(
  { inputs, source }: Pick<ModelFacts, 'inputs' | 'source'>,
  example: Shape,
  where: string,
  given?: Readonly<Record<string, TextPart>>,
): ModelInputs {
  const whole = inputs.every((v) => !isFloat(v.dtype));
  const listed = inputs.map((v) => `${v.name} ${v.dtype}${showShape(v.shape)}`).join(', ');
  if (isTokens(example) && whole) {
    const kinds = textInputs(inputs, source, given);
    const flat = inputs.find((v) => v.shape.length !== 2);
    const fixed = inputs.find(
      (v) => typeof v.shape[1] === 'number' && typeof example[1] === 'number' && v.shape[1] !== example[1],
    );
    if (flat) {
      throw new ModelError(
        'bad-shape',
        `${where}: ${source} wants ${showShape(flat.shape)} at '${flat.name}'; expected [batch, length]`,
      );
    }
    if (fixed) {
      throw new ModelError(
        'bad-shape',
        `${where}: ${source} takes texts of ${fixed.shape[1]} tokens only (${listed}), and these have ${example[1]}; export it with a dynamic length`,
      );
    }
    return {
      text: true,
      ids: [...kinds].find(([, part]) => part === 'ids')![0],
      shapes: (x) => textShapes(kinds, x),
      feeds: (model, x) => textFeeds(model.inputs, kinds, x, where),
    };
  }
  const [input, ...more] = inputs;
  const wants = input?.shape ?? [];
  const fits =
    wants.length === example.length + 1 &&
    wants.slice(1).every((d, i) => typeof d === 'string' || typeof example[i] === 'string' || d === example[i]);
  if (!input || more.length > 0 || whole) {
    throw new ModelError(
      'bad-shape',
      `${where}: ${source} has the inputs ${listed}, and an example is ${showShape(example)}; ` +
        (whole ? 'it takes token ids, so the data must be texts' : 'expected one input for it'),
    );
  }
  if (!fits) {
    throw new ModelError(
      'bad-shape',
      `${where}: ${source} wants ${showShape(wants)} at '${input.name}', and an example is ${showShape(example)} after ${where}.preprocess; ` +
        'resize, repeat or reorder the channels there',
    );
  }
  return {
    text: false,
    ids: undefined,
    shapes: (x) => ({ [input.name]: x }),
    feeds: (_, x) => ({ [input.name]: cast(x, input.dtype) }),
  };
}
