import type { Dataset } from '../data/dataset.ts';
import { pictureOf } from '../data/png.ts';
import type { Explained } from '../explain/explain.ts';
import type { Knowledge, Shown } from '../explain/knowledge.ts';
import { eachSoftTarget, type Logits } from '../explain/soft-targets.ts';

/** What is explained, and how much of it is shown. */
interface Subject {
  readonly logits: Logits;
  /** The examples that the logits belong to. */
  readonly dataset: Dataset;
  /** Examples of each list. */
  readonly count: number;
  /** Place of an example in the whole split; by default its place in `dataset`. */
  readonly place?: (index: number) => number;
}

/** Guesses of the teacher on each card. */
const guesses = 3;

/** What an explanation keeps for people: the beginnings of its lists, with pictures or rows. */
export async function knowledgeOf(
  { difficulties, curriculum, hardest, ambiguous, mislabelled, ...rest }: Explained,
  subject: Subject,
): Promise<Knowledge> {
  const cards = (indices: Uint32Array): Promise<Shown[]> =>
    Promise.all([...indices.subarray(0, subject.count)].map((i) => shown(subject, i)));
  return {
    ...rest,
    suspects: mislabelled.length,
    hardest: await cards(hardest),
    ambiguous: await cards(ambiguous),
    mislabelled: await cards(mislabelled),
  };
}

async function shown({ logits, dataset, place = (i) => i }: Subject, i: number): Promise<Shown> {
  const nameOf = (k: number): string => dataset.classes?.[k] ?? String(k);
  const label = dataset.label(i);
  return {
    index: place(i),
    picture: await pictureOf(dataset, i),
    row: dataset.row(i),
    label: label < 0 ? null : nameOf(label),
    guesses: probabilities(logits, i)
      .map((probability, k) => ({ k, probability }))
      .sort((a, b) => b.probability - a.probability || a.k - b.k)
      .slice(0, guesses)
      .map(({ k, probability }) => ({ label: nameOf(k), probability: Number(probability.toPrecision(4)) })),
  };
}

function probabilities({ data, width }: Logits, row: number): readonly number[] {
  const own = Array.from({ length: width }, (_, k) => data[row * width + k]!);
  let p: readonly number[] = [];
  eachSoftTarget({ data: own, rows: 1, width }, 1, (of) => {
    p = Array.from(of);
  });
  return p;
}
