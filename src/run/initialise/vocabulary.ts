import { tokenCounts } from '../../data/text/token-counts.ts';
import { type Tensor, tensor } from '../../graph/type.ts';
import { architectureOf } from '../../models/architectures/list.ts';
import { staticEmbeddings, wordsAsTexts } from '../../models/static-embeddings/static-embeddings.ts';
import { MismatchError } from '../error.ts';
import { asked } from './asking.ts';
import type { Initialise } from './define.ts';

/** Words for which the teacher is asked at a time. */
const wordsAtOnce = 256;

/** What the teacher says of each word of the vocabulary alone: a student before any training. */
export const fromVocabulary: Initialise<'vocabulary'> = async ({ tap, weighting }, subject) => {
  const { teacher, student, train } = subject;
  const table = architectureOf(student).words?.(student);
  const { example } = train;
  const each = teacher.offer.get(tap);
  if (!table || example.layout !== 'tokens' || each?.length !== 1) {
    throw new MismatchError(
      `student.initialise: found a student of kind ${student.kind}, and of the teacher ${each ? `'${tap}' [${each}]` : `no '${tap}'`}; ` +
        'expected texts, a student that reads the mean of word vectors (bag), and a tap with one vector for a text',
    );
  }
  const { vocabulary, special } = example.text;
  const present = (id: number | null): readonly number[] => (id === null ? [] : [id]);
  const texts = wordsAsTexts(vocabulary, present(special.first), present(special.separator));
  const vectors: number[][] = [];
  for await (const { view, tensors } of asked(subject, [tap], parts(texts))) {
    const { data } = tensors[tap]!;
    const [count, width] = [view.shape[0]!, Number(each[0])];
    for (let i = 0; i < count; i++) vectors.push(Array.from((data as Float32Array).subarray(i * width, (i + 1) * width)));
  }
  const found = staticEmbeddings(tensor('float32', [vocabulary, vectors[0]!.length], vectors.flat()), {
    size: table.width,
    weighting,
    counts: tokenCounts(train),
  });
  return { [table.parameter]: found };
};

/** Along the first axis. */
function parts({ shape, data }: Tensor): readonly Tensor[] {
  const [count, rows, length] = shape as readonly [number, number, number];
  const size = rows * length;
  return Array.from({ length: Math.ceil(count / wordsAtOnce) }, (_, p) => {
    const [from, to] = [p * wordsAtOnce, Math.min(count, (p + 1) * wordsAtOnce)];
    return tensor('float32', [to - from, rows, length], Array.from((data as Float32Array).subarray(from * size, to * size)));
  });
}
