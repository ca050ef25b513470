import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { meanOfTeachers } from '../../losses/responses/ensemble.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { TeacherError } from '../../teachers/onnx.ts';
import type { OpenPart, TeacherContext, TeacherPart } from './define.ts';

type EnsembleOptions = Extract<TeacherOptions, { kind: 'ensemble' }>;
/** Stands for the logarithm of a weight of zero. */
const never = -1e30;

/** The combined prediction: logits whose softmax it is. */
const combine = (logits: readonly Value[], weights: readonly number[], mean: EnsembleOptions['mean']): Value => {
  const logs = weights.map((w) => (w === 0 ? never : Math.log(w)));
  return meanOfTeachers(logits, logits[0]!.graph.constant(tensor('float32', [1, logs.length], logs)), mean, 1);
};

/** What ensembles of each weighting need to know of their members. */
export type Score = (part: TeacherPart) => Promise<number>;

/** The name under which a member's tap is offered. */
export const memberTap = (tap: string, member: number): string => `${tap}.${member}`;

/**
 * Several teachers as one. `logits` is the combined prediction; `logits.0`, `logits.1`, … and every other tap of a member with its
 * number behind the name are those of the members.
 *
 * @param open Opens a member.
 * @param nll Mean negative log-likelihood of a member on the validation split; null where there is none.
 */
export function openEnsemble(open: OpenPart<EnsembleOptions['members'][number]>, nll: Score | null): OpenPart<EnsembleOptions> {
  return async (options, context: TeacherContext, path) => {
    const members: TeacherPart[] = [];
    for (const [i, member] of options.members.entries()) members.push(await open(member, context, `${path}.members.${i}`));
    const weights = await weightsOf(options, members, nll, path);
    const width = members[0]!.offer.get('logits')!;
    const odd = members.findIndex((m) => m.offer.get('logits')![0] !== width[0]);
    if (odd >= 0) {
      const found = members[odd]!.offer.get('logits')![0];
      throw new TeacherError(
        `${path}.members.${odd}: it gives ${found} numbers for an example, and members.0 gives ${width[0]}; expected teachers of the same classes; bring them together with \`classes\``,
      );
    }
    const each = members.flatMap((m, i) => [...m.offer].map(([tap, shape]) => [memberTap(tap, i), shape] as const));
    const sum = (of: (m: TeacherPart) => number): number => members.reduce((n, m) => n + of(m), 0);
    return {
      name: `ensemble of ${members.length} (${[...new Set(members.map((m) => m.name))].join(', ')})`,
      offer: new Map([...each, ['logits', width]]),
      fixedBatch: members.some((m) => m.fixedBatch),
      async build(graph, view, taps) {
        const whole = taps.includes('logits');
        const built: ReadonlyMap<string, Value>[] = [];
        for (const [i, m] of members.entries()) {
          const own = [...m.offer.keys()].filter((tap) => taps.includes(memberTap(tap, i)) || (whole && tap === 'logits'));
          built.push(await m.build(graph, view, own));
        }
        const named = built.flatMap((b, i) => [...b].map(([tap, v]) => [memberTap(tap, i), v] as const));
        const combined = whole
          ? combine(
              built.map((b) => b.get('logits')!),
              weights,
              options.mean,
            )
          : undefined;
        const all = new Map<string, Value>([...named, ...(combined ? [['logits', combined] as const] : [])]);
        return new Map(taps.map((tap) => [tap, all.get(tap)!]));
      },
      parameters: sum((m) => m.parameters),
      size: sum((m) => m.size),
      members: members.length,
      bestEpoch: null,
      seconds: sum((m) => m.seconds),
    };
  };
}

async function weightsOf(
  { weights, members }: EnsembleOptions,
  parts: readonly TeacherPart[],
  nll: Score | null,
  path: string,
): Promise<readonly number[]> {
  const normalised = (all: readonly number[]): number[] => all.map((w) => w / all.reduce((a, b) => a + b, 0));
  if (Array.isArray(weights)) {
    if (weights.length !== members.length) {
      throw new TeacherError(`${path}.weights: found ${weights.length}; expected one for each of the ${members.length} members`);
    }
    return normalised(weights);
  }
  if (weights === 'equal') return normalised(members.map(() => 1));
  if (!nll) {
    throw new TeacherError(
      `${path}.weights: 'validation' needs a validation split; give \`data.validation\`, or weights of your own`,
    );
  }
  const scores: number[] = [];
  for (const part of parts) scores.push(await nll(part));
  return normalised(scores.map((s) => Math.exp(Math.min(...scores) - s)));
}
