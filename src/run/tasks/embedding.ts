import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { vectors } from '../../methods/shorthand.ts';
import type { Model } from '../../models/define.ts';
import { pooled } from '../../models/pooled.ts';
import { MismatchError } from '../error.ts';
import { cosinesOf, similarityCorrelation } from '../metrics.ts';
import type { Spread } from '../record.ts';
import type { TeacherPart } from '../teachers/define.ts';
import type { Headline, Task } from './define.ts';

const mean = (of: Float64Array): number => of.reduce((a, b) => a + b, 0) / of.length;

/** Everything that it gives is the embedding, the last layer included. */
const givesVectors = (model: Model): Model => ({
  ...model,
  build(ctx, x) {
    const y = pooled(model.build(ctx, x), x, 'student: the embedding');
    ctx.tap('embedding', y);
    return y;
  },
});

/** The names under which a teacher gives its vector. */
const vectorTaps: ReadonlySet<string> = new Set(['embedding', 'logits']);

/** @throws MismatchError unless it has one vector for an example. */
function saysVectors(part: TeacherPart): TeacherPart {
  const vector = part.vector ?? { tap: 'embedding', of: (v: Value, view: Value) => pooled(v, view, 'teacher: the embedding') };
  const shape = part.offer.get(vector.tap);
  if (!shape || shape.length > 3 || shape.length === 0) {
    throw new MismatchError(
      `teacher: ${part.name} gives ${showShape(part.offer.get('logits')!)} for an example, and the data has neither classes nor values; ` +
        'expected one teacher with a vector for each example; say which tensor that is with teacher.taps: { embedding: … }, or give the data labels',
    );
  }
  // Tokens [L, D] have it last, maps [C, H, W] first.
  const width = shape.length === 3 ? shape[0]! : shape.at(-1)!;
  return {
    ...part,
    offer: new Map([...part.offer, ['logits', [width]], ['embedding', [width]]]),
    async build(graph, view, taps) {
      const wanted = taps.some((tap) => vectorTaps.has(tap)) ? [vector.tap] : [];
      const built = await part.build(graph, view, [...new Set([...taps.filter((tap) => !vectorTaps.has(tap)), ...wanted])]);
      const own = wanted.map((tap) => vector.of(built.get(tap)!, view));
      return new Map(taps.map((tap) => [tap, vectorTaps.has(tap) ? own[0]! : built.get(tap)!]));
    },
  };
}

/** Where nothing is to be predicted: a vector that says of examples what the teacher's says. */
function imitation(headline: Headline, words: string): Task {
  return {
    name: 'embedding',
    found: 'neither classes nor values',
    headline,
    between: ({ student, teacher }) => (student === teacher ? embedding : relative),
    kinds: vectors,
    hardLoss: null,
    uncontrolled: 'Without labels the teacher is all there is to learn from, so that there is no scratch control.',
    alone: ({ mean, spread, perSeed }: Spread) => {
      const seeds = spread === null ? 'one seed' : `${perSeed.length} seeds, spread ${spread.toPrecision(2)}`;
      return `${words} ${mean.toFixed(4)} on the test set (${seeds}; 1 is the teacher itself). Without labels there is no control without a teacher.`;
    },
    student: givesVectors,
    teacher: saysVectors,
    explains: false,
    given: (output, view) => pooled(output, view, 'the output of the model'),
    comparable: (logits) => logits.length === 1,
    metrics: (outputs, _, teacher) => {
      if (!teacher || outputs.rows === 0) return {};
      const spearman = similarityCorrelation(outputs, teacher);
      return outputs.width === teacher.width ? { cosine: mean(cosinesOf(outputs, teacher)), spearman } : { spearman };
    },
    ofTeacher: (teacher, dataset) => imitation(headline, words).metrics(teacher, dataset, teacher),
    describe: (_, { teacher, distilled }) => {
      const cosines = teacher?.width === distilled.width ? cosinesOf(distilled, teacher) : new Float64Array(0);
      return {
        behaviour: () => ({ confusion: [], reliability: [], perClass: [] }),
        prediction: (m, i) => (m === distilled ? { label: `cosine ${cosines[i]!.toFixed(3)}`, probability: null } : null),
        label: () => 'the teacher',
        telling: () => Array.from(cosines, (_, i) => i).sort((a, b) => cosines[a]! - cosines[b]! || a - b),
      };
    },
  };
}

/** Vectors of the teacher's width can be laid beside the teacher's. */
export const embedding = imitation({ name: 'cosine', higherIsBetter: true }, "Mean cosine to the teacher's embedding");

/** Of others only their relations can be compared. */
const relative = imitation(
  { name: 'spearman', higherIsBetter: true },
  "Rank correlation (Spearman) of the similarities of examples with the teacher's",
);
