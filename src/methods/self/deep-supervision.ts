import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { shallowHead } from '../../losses/self/shallow-head.ts';
import { linear } from '../../models/layers.ts';
import { add } from '../../ops/elementwise.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { defineMethod, type Offer, type Outputs } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';

/** The hidden taps of the student from the shallowest to the deepest. */
const hiddenTaps = ({ student }: Offer): readonly string[] =>
  [...student.keys()]
    .filter((role) => /^hidden\.\d+$/.test(role))
    .sort((a, b) => Number(a.slice(a.indexOf('.') + 1)) - Number(b.slice(b.indexOf('.') + 1)));

/** Those asked for, or all; the last of them is the deepest. */
const chosen = (taps: readonly string[] | undefined, offer: Offer): readonly string[] => {
  const found = taps ?? hiddenTaps(offer);
  return found.length >= 2 ? found : [...found, ...['hidden.0', 'hidden.1'].slice(found.length)];
};

/** [B, D]: maps are averaged over the picture, tokens [B, T, D] over the text. */
function pooled(x: Value): Value {
  if (x.rank <= 2) return x;
  return reduceMean(x, x.rank === 3 ? [1] : x.shape.map((_, i) => i).slice(2), false);
}

const deepestOf = (student: Outputs, taps: readonly string[]) => ({
  logits: student.get('logits')!,
  features: pooled(student.get(taps.at(-1)!)!),
});

export const deepSupervision = defineMethod({
  kind: 'deep-supervision',
  summary: 'Small classifiers on hidden layers learn from the labels and from the deepest one: be your own teacher (BYOT).',
  paper: 'https://arxiv.org/abs/1905.08094',
  expect:
    'A point or so for deep networks, little for shallow ones; its classifiers are pooled and linear, those of the paper convolve.',
  tasks: ['classification'],
  needs: ({ taps }, offer) => ({ teacher: [], student: ['logits', ...chosen(taps, offer)], labels: true }),
  options: z.strictObject({
    kind: z.literal('deep-supervision'),
    ...common,
    taps: z.array(z.string()).min(2).optional().describe('Hidden layers, the deepest last; all unless told'),
    alpha: z.number().min(0).max(1).default(0.1).describe('Share of the deepest classifier against the labels'),
    temperature: scheduledTemperature(3),
    lambda: z
      .number()
      .min(0)
      .default(1e-6)
      .describe(
        'Factor of the squared distance to the deepest features; the official code sums over the batch: 128 times as much',
      ),
  }),
  loss: (signals, { taps, alpha, temperature, lambda }) => {
    const { student, target, extras, offer } = signals;
    const names = chosen(taps, offer);
    const deepest = deepestOf(student, names);
    const t = temperatureOf(temperature, signals);
    const [units, classes] = [deepest.features, deepest.logits].map((v) => v.shape[1] as number);
    const each = names.slice(0, -1).map((name, i) =>
      extras.scope(`head.${i}`, () => {
        const features = linear(extras, 'bottleneck', pooled(student.get(name)!), units!);
        const head = { features, logits: linear(extras, 'classifier', features, classes!) };
        return shallowHead(head, deepest, target, { alpha, temperature: t, lambda });
      }),
    );
    return { values: each.reduce((a, b) => add(a, b)), shows: temperatureShows(t) };
  },
});
