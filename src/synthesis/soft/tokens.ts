import type { ExampleType } from '../../data/dataset.ts';
import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { add, cast, log, max, mul, neg, stopGradient, sub } from '../../ops/elementwise.ts';
import { argMax, gather } from '../../ops/gather.ts';
import { concat } from '../../ops/movement.ts';
import { oneHot } from '../../ops/select.ts';
import { expand, reshape } from '../../ops/shape.ts';
import { logSoftmax, softmax } from '../../ops/softmax.ts';
import { SynthesisError } from '../error.ts';
import type { Host } from '../host.ts';
import type { Batch } from '../inputs/define.ts';
import { chosenTokens } from './chosen.ts';
import type { SoftTokens } from './define.ts';

/** What texts of distributions need to know, beside where the logits come from. */
export interface SoftOptions {
  /** Tokens of a text, fixed ones included; the longest of the data where absent. */
  readonly length?: number | undefined;
  /** Ids to choose from; all, or the first 4096 useful ones, where absent. */
  readonly tokens?: number | undefined;
  readonly temperature: number;
  readonly gumbel: boolean;
  readonly straight: boolean;
}

/** A batch that has them. */
export type SoftBatch = Batch & { readonly soft: SoftTokens };

/** Below it a share of an example would be lost in the sum of a row. */
const smallest = 1e-9;

/**
 * A batch of soft texts. The shares are softmax((logits + noise) / temperature); with `gumbel` the noise is Gumbel's, so that the most
 * likely token is a draw (Jang et al. 2017, arXiv 1611.01144; Guo et al. 2021, arXiv 2104.13733), with `straight` what is looked up
 * is that token alone, with the gradient of the shares (§2.2 of the former).
 *
 * @param logitsOf Makes logits [B, M, V] for M and V.
 * @throws SynthesisError where examples are no texts, or too short for a token between the fixed ones.
 */
export function softBatch(options: SoftOptions, host: Host, logitsOf: (places: number, ids: number) => Value): SoftBatch {
  const { graph, batchSize: B } = host;
  const text = textOf(host.example, options.length);
  const { first, separator: last } = text.special;
  const ids = chosenTokens(text, options.tokens);
  const [M, V] = [text.length - Number(first !== null) - Number(last !== null), ids.length];
  if (M < 1) {
    throw new SynthesisError(
      `length: found ${text.length}, of which ${text.length - M} are fixed tokens; expected room for others; make it longer`,
    );
  }
  const logits = logitsOf(M, V);
  const noisy = options.gumbel ? add(logits, gumbelOf(host, [B, M, V])) : logits;
  const soft = softmax(mul(noisy, 1 / options.temperature));
  const best = argMax(noisy);
  const shares = options.straight ? add(stopGradient(sub(cast(oneHot(best, V), 'float32'), soft)), soft) : soft;

  const fixed = (id: number | null): Value[] =>
    id === null ? [] : [expand(graph.constant(tensor('float32', [1, 1], [id])), [B, 1])];
  const middle = gather(graph.constant(tensor('float32', [V], ids)), best);
  const row = concat([...fixed(first), middle, ...fixed(last)], 1);
  const texts = expand(graph.constant(tensor('float32', [1, 1, 1], [1])), [B, 1, text.length]);
  const seen = concat([reshape(row, [B, 1, text.length]), texts], 1);
  return {
    clean: padded(seen, text.longest, text.special.pad),
    seen,
    soft: { shares, logShares: logSoftmax(mul(logits, 1 / options.temperature)), ids, first, last },
  };
}

/** Texts [B, 2, L] at the length of the data. */
function padded(texts: Value, longest: number, id: number): Value {
  const [B, , length] = texts.shape as readonly [number, number, number];
  if (length === longest) return texts;
  const padding = texts.graph.constant(tensor('float32', [1, 2, 1], [id, 0]));
  return concat([texts, expand(padding, [B, 2, longest - length])], 2);
}

const gumbelOf = (host: Host, shape: readonly number[]): Value =>
  neg(
    log(
      max(
        neg(
          log(
            max(
              host.perStep('gumbel', shape, (into, draws) => draws.fillUniform(into)),
              smallest,
            ),
          ),
        ),
        smallest,
      ),
    ),
  );

function textOf(example: ExampleType, length: number | undefined) {
  if (example.layout !== 'tokens') {
    throw new SynthesisError(`inputs: found data of ${example.layout}s; expected texts; take inputs for ${example.layout}s`);
  }
  const longest = example.shape[1];
  if (length !== undefined && length > longest) {
    throw new SynthesisError(`length: found ${length}; expected at most ${longest}, the longest text of the data (data.length)`);
  }
  return { ...example.text, longest, length: length ?? longest };
}
