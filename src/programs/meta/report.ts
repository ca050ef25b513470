import type { Spread } from '../../run/record.ts';
import { compare, over, told } from '../findings.ts';
import type { Findings } from '../record.ts';

/** What a start came to on new tasks with some examples of a class, and at which learning rate. */
export interface Adapted {
  readonly shots: number;
  readonly rate: number;
  readonly accuracy: number;
}

export interface Measured {
  readonly seed: number;
  /** By start, in the order of `shots`. */
  readonly starts: Readonly<Record<string, readonly Adapted[]>>;
}

const names: Readonly<Record<string, { readonly name: string; readonly control?: true }>> = {
  chance: { name: 'from chance', control: true },
  pretrained: { name: 'from ordinary pre-training', control: true },
  first: { name: 'meta-learnt, first order' },
  second: { name: 'meta-learnt, second order' },
  reptile: { name: 'meta-learnt, Reptile' },
};
const headline = { name: 'accuracy', higherIsBetter: true };

interface Facts {
  readonly known: readonly number[];
  readonly unseen: readonly number[];
  readonly names: readonly string[];
}

/** Tables, chart and sentence of a study of starts. */
export function findings(
  o: {
    readonly shots: readonly number[];
    readonly ways: number;
    readonly orders: readonly string[];
    readonly adaptation: { readonly steps: number; readonly tasks: number };
  },
  measured: readonly Measured[],
  facts: Facts,
): Findings {
  const { shots, ways, adaptation } = o;
  const of = (start: string, at: number, what: 'accuracy' | 'rate' = 'accuracy'): Spread =>
    over(
      measured.map((m) => ({ [what]: m.starts[start]![at]![what] })),
      what,
    );
  const starts = ['chance', 'pretrained', ...o.orders];
  const last = shots.length - 1;
  const best = o.orders.toSorted((a, b) => of(b, 0).mean - of(a, 0).mean)[0]!;
  const words = shots.map((n, at) => {
    const [from, pre] = ['chance', 'pretrained'].map((control) => compare(headline, of(best, at), of(control, at)).words);
    return `With ${n} example${n === 1 ? '' : 's'} of a class: ${told('accuracy', of(best, at).mean)}, ${from} from chance and ${pre} from ordinary pre-training.`;
  });
  const listed = (classes: readonly number[]): string => classes.map((c) => facts.names[c]).join(', ');
  return {
    sentence: `New tasks of ${ways} classes, ${names[best]!.name}. ${words.join(' ')}`,
    figures: [
      { value: of('chance', 0), unit: 'percent', words: `from chance, ${shots[0]} of a class` },
      { value: of('pretrained', 0), unit: 'percent', words: `from ordinary pre-training, ${shots[0]} of a class` },
      { value: of(best, 0), unit: 'percent', words: `${names[best]!.name}, ${shots[0]} of a class` },
    ],
    tables: [
      {
        title: 'Accuracy on new tasks by examples of a class',
        note: `${adaptation.tasks} tasks a seed of the classes ${listed(facts.unseen)}, the same for all; ${adaptation.steps} steps on labels and the teacher. Learnt before on ${listed(facts.known)}. The teacher knows all classes.`,
        columns: shots.map((n) => ({ title: `${n} of a class`, unit: 'percent' as const })),
        rows: starts.map((start) => ({
          name: names[start]!.name,
          cells: shots.map((_, at) => of(start, at)),
          ...(names[start]!.control && { control: true }),
        })),
      },
      {
        title: 'Learning rates of adaptation',
        note: 'The best on tasks of known classes, for each start.',
        columns: shots.map((n) => ({ title: `${n} of a class`, unit: 'number' as const })),
        rows: starts.map((start) => ({ name: names[start]!.name, cells: shots.map((_, at) => of(start, at, 'rate').mean) })),
      },
    ],
    charts: [
      {
        title: 'Accuracy on new tasks by examples of a class',
        x: { label: 'examples of a class', unit: 'count', ...(shots[last]! > shots[0]! && { scale: 'log' as const }) },
        y: { label: 'accuracy', unit: 'percent' },
        series: starts.map((start) => ({
          name: names[start]!.name,
          points: shots.map((n, at) => ({ x: n, y: of(start, at).mean, spread: of(start, at).spread })),
          style: names[start]!.control ? ('control' as const) : ('measured' as const),
        })),
      },
    ],
  };
}
