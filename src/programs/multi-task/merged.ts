import { type Dataset, writeOneHot } from '../../data/dataset.ts';
import { MismatchError } from '../../run/error.ts';

/** A task among others: its examples, and where its classes lie among those of all. */
export interface Member {
  readonly name: string;
  readonly dataset: Dataset;
  /** Numbers of its classes among all. */
  readonly classes: readonly number[];
}

/** Several sets as one. */
export interface Merged {
  readonly dataset: Dataset;
  /** Which example of which member each example is. */
  at(i: number): { readonly member: number; readonly index: number };
}

/** Members whose classes lie side by side, in their order. @throws MismatchError unless all have classes and examples of one shape. */
export function sideBySide(sets: readonly { readonly name: string; readonly dataset: Dataset }[]): readonly Member[] {
  let next = 0;
  const [first] = sets;
  return sets.map(({ name, dataset }) => {
    const { shape, layout } = dataset.example;
    if (!dataset.classes || layout === 'tokens' || shape.join() !== first!.dataset.example.shape.join()) {
      throw new MismatchError(
        `program.also: found ${name} with ${dataset.classes ? `examples of [${shape}]` : 'no classes'}; expected tasks with classes and examples of [${first!.dataset.example.shape}], as ${first!.name} has; resize the pictures, or leave it out`,
      );
    }
    const from = next;
    next += dataset.classes.length;
    return { name, dataset, classes: dataset.classes.map((_, c) => from + c) };
  });
}

/**
 * One set of all members. An epoch shows every example of the largest member once, and a member of n examples as if it had
 * most · (n / most)^power: at power 1 each example once, at 0 all members alike.
 */
export function merged(members: readonly Member[], power: number): Merged {
  const most = Math.max(...members.map((m) => m.dataset.size));
  const sizes = members.map(({ dataset: { size } }) => (size === 0 ? 0 : Math.round(most * (size / most) ** power)));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const size = sizes.reduce((a, b) => a + b, 0);
  const names = members.flatMap((m) => m.dataset.classes!.map((c) => `${m.name}: ${c}`));
  const at: Merged['at'] = (i) => {
    const member = starts.findLastIndex((start, m) => start <= i && sizes[m]! > 0);
    return { member, index: (i - starts[member]!) % members[member]!.dataset.size };
  };
  const label = (i: number): number => {
    const { member, index } = at(i);
    const own = members[member]!.dataset.label(index);
    return own < 0 ? -1 : members[member]!.classes[own]!;
  };
  return {
    at,
    dataset: {
      name: members.map((m) => m.name).join(' + '),
      size,
      example: members[0]!.dataset.example,
      classes: names,
      targets: [],
      read(i, out, offset, length) {
        const { member, index } = at(i);
        members[member]!.dataset.read(index, out, offset, length);
      },
      label,
      target: (i, out, offset) => writeOneHot(label(i), names.length, out, offset),
      row(i) {
        const { member, index } = at(i);
        return members[member]!.dataset.row(index);
      },
    },
  };
}
