import { Graph } from '../graph/graph.ts';
import { tensor } from '../graph/type.ts';
import { ModelError } from '../models/error.ts';
import { importModel, type ModelFile } from '../models/import.ts';
import { atPlaces } from '../models/text/pooling.ts';
import { encode } from '../onnx/encode.ts';
import { squeeze } from '../ops/shape.ts';
import { lower } from '../passes/lower.ts';
import { type Runtime, RuntimeError } from '../runtime/port.ts';
import { fitTeacher } from './onnx.ts';

/** A language model that can be asked for the next token. */
export interface Decoder {
  /** Ids that it scores. */
  readonly vocabulary: number;
  /**
   * Logits of the token behind each text, [N, V], row after row. Texts may have different lengths, none is empty; all of each is read
   * again for every token.
   */
  next(texts: readonly (readonly number[])[]): Promise<{ readonly logits: Float32Array; readonly V: number }>;
  release(): Promise<void>;
}

/**
 * Opens a model that gives logits of the vocabulary at each place, made of the places up to it alone, as exporters write decoders
 * without a cache: ids, and perhaps masks and positions, to [N, L, V].
 *
 * @param longest Tokens of the longest text that it will be asked about.
 * @throws ModelError if it gives something else, needs other inputs, or looks at later tokens; OnnxError if it does not run.
 */
export async function openDecoder(file: ModelFile, runtime: Runtime, longest: number): Promise<Decoder> {
  const imported = await importModel(file, runtime, { open: true });
  const shape = ['N', 2, 'L'];
  const fitted = await fitTeacher(imported, { shape, preprocess: (view) => view, logits: undefined, probabilities: false });
  const graph = new Graph();
  const { logits } = fitted.build(graph, graph.input('view', { dtype: 'float32', shape }));
  const V = logits.shape[2];
  if (logits.rank !== 3 || typeof V !== 'number') {
    throw new ModelError(
      'bad-shape',
      `${file.source}: its output '${fitted.logits}' is [${logits.shape.join(', ')}]; expected logits of the vocabulary at each place, ` +
        '[batch, length, vocabulary]; export it as a causal language model without a cache',
    );
  }
  const at = graph.input('at', { dtype: 'int64', shape: ['N', 1] });
  graph.output('next', squeeze(atPlaces(logits, at), [1]));
  const session = await runtime.open(encode(lower(graph, { provider: runtime.provider, block: 0 })));

  const ask: Ask = async (texts, places) => {
    const [N, L] = [texts.length, Math.max(...texts.map((ids) => ids.length))];
    const view = new Float32Array(N * 2 * L);
    texts.forEach((ids, row) => {
      view.set(ids, row * 2 * L);
      view.fill(1, (row * 2 + 1) * L, (row * 2 + 1) * L + ids.length);
    });
    const result = await session.run({
      view: { dtype: 'float32', shape: [N, 2, L], data: view },
      at: tensor('int64', [N, 1], places),
    });
    return { logits: result.next!.data as Float32Array, V };
  };
  await refuseOthers(ask, longest, file.source);
  return {
    vocabulary: fitted.vocabulary ?? V,
    next: (texts) =>
      ask(
        texts,
        texts.map((ids) => ids.length - 1),
      ),
    release: () => session.release(),
  };
}

/** Logits of the token behind a place of each text. */
type Ask = (
  texts: readonly (readonly number[])[],
  places: readonly number[],
) => Promise<{ readonly logits: Float32Array; readonly V: number }>;

/** What is said behind a place must not change with what follows, and texts may be as long as any. */
async function refuseOthers(ask: Ask, longest: number, source: string): Promise<void> {
  const texts = [0, 1].map((id) => Array.from({ length: longest }, (_, i) => (2 * i < longest ? 1 : id)));
  const place = Math.ceil(longest / 2) - 1;
  const { logits, V } = await ask(texts, [place, place]).catch((error: unknown) => {
    if (!(error instanceof RuntimeError)) throw error;
    throw new ModelError(
      'bad-shape',
      `${source}: does not run with texts of ${longest} tokens (${error.message.split('\n')[0]!.slice(0, 200)}); ` +
        'expected a language model that takes them; ask for fewer tokens, or export it with open sizes',
    );
  });
  const [one, other] = [logits.subarray(0, V), logits.subarray(V, 2 * V)];
  const size = one.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  if (one.every((v, i) => Math.abs(v - other[i]!) <= 1e-4 * size)) return;
  throw new ModelError(
    'bad-shape',
    `${source}: what it says behind a text changes with what follows; expected a causal language model, which continues texts; take another model`,
  );
}
