import { z } from 'zod';
import type { Shape } from '../../graph/type.ts';
import { attentionDivergence } from '../../losses/attention/distributions.ts';
import { openPositions } from '../../losses/attention/masks.ts';
import { selfRelations } from '../../losses/attention/self-relations.ts';
import { add } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { anyTextTask, defineMethod, type Signals } from '../define.ts';
import { common } from '../options.ts';
import { given, heads } from './options.ts';

const relations = ['attention', 'value', 'query', 'key'] as const;
type Relation = (typeof relations)[number];

const tap = z.string().min(1).optional();
const side = (whose: string) =>
  z
    .strictObject({ layer: z.int().min(0).optional(), attention: tap, value: tap, query: tap, key: tap })
    .prefault({})
    .describe(`Which layer of the ${whose}, from 0, the last unless told; or taps by name for what is compared`);
type Side = z.infer<ReturnType<typeof side>>;

/** The tap of a relation on one side. */
function tapOf(relation: Relation, at: Side, taps: ReadonlyMap<string, Shape>): string {
  const named = at[relation];
  if (named !== undefined) return named;
  let layers = 0;
  while (taps.has(`${relation}.${layers}`)) layers++;
  return `${relation}.${at.layer ?? Math.max(0, layers - 1)}`;
}

interface Choice {
  readonly relations: readonly Relation[];
  readonly student: Side;
  readonly teacher: Side;
  readonly given: 'scores' | 'probabilities';
  readonly heads: 'mean' | 'group';
  readonly relationHeads?: number | undefined;
}

/** The compared values of both sides, [B, heads, L, …]. */
const pair = ({ student, teacher, offer }: Signals, relation: Relation, choice: Choice) =>
  [
    student.get(tapOf(relation, choice.student, offer.student))!,
    teacher.get(tapOf(relation, choice.teacher, offer.teacher))!,
  ] as const;

/** Where any head of the teacher may look, [B, 1, L, L]: the mask of the model, as far as its attention shows it. */
function maskOf(signals: Signals, choice: Choice) {
  if (!choice.relations.includes('attention')) return {};
  const [, teacher] = pair(signals, 'attention', choice);
  return { open: reduceMax(openPositions(teacher, teacher, choice.given), [1]) };
}

export const minilm = defineMethod({
  kind: 'minilm',
  summary: 'Match where the last layer of a transformer looks, and how its values relate to each other.',
  paper: 'https://arxiv.org/abs/2002.10957',
  expect: 'For transformers; strong where the student is shallow or narrow, and needs neither equal widths nor a map of layers.',
  tasks: anyTextTask,
  needs: ({ relations, student, teacher }, offer) => ({
    student: relations.map((relation) => tapOf(relation, student, offer.student)),
    teacher: relations.map((relation) => tapOf(relation, teacher, offer.teacher)),
    labels: false,
  }),
  options: z.strictObject({
    kind: z.literal('minilm'),
    ...common,
    relations: z
      .array(z.enum(relations))
      .min(1)
      .default(['attention', 'value'])
      .describe('What is compared, with equal weight: attention and value as in MiniLM; query, key and value as in MiniLMv2'),
    student: side('student'),
    teacher: side('teacher'),
    given,
    heads,
    relationHeads: z
      .int()
      .min(1)
      .optional()
      .describe('Heads that values, queries and keys are split into anew; the smaller number of both sides unless told'),
  }),
  loss: (signals, choice) => {
    const mask = maskOf(signals, choice);
    const relationHeads = choice.relationHeads === undefined ? {} : { heads: choice.relationHeads };
    const terms = choice.relations.map((relation) => {
      const [student, teacher] = pair(signals, relation, choice);
      return relation === 'attention'
        ? attentionDivergence(student, teacher, choice)
        : selfRelations(student, teacher, { ...relationHeads, ...mask });
    });
    return { values: terms.reduce((a, b) => add(a, b)) };
  },
});
