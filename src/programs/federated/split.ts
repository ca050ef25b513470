import { dirichlet } from '../../data/dirichlet.ts';
import { random } from '../../data/random.ts';

interface Division {
  readonly clients: number;
  /** Of the Dirichlet distribution; iid: without regard to classes. */
  readonly alpha: number | 'iid';
  readonly seed: number;
}

/**
 * Divides examples among clients: each has at least one, and each example one client.
 *
 * For each class the shares of the clients are Dirichlet(α); who has an even share of all examples already gets none of the next class,
 * so that sizes stay comparable (Yurochkin et al. 2019, arXiv 1905.12022; Lin et al. 2020, arXiv 2006.07242, §4).
 *
 * @param labels Class of each example, at least as many as clients.
 * @returns the examples of each client, rising.
 */
export function divide(labels: ArrayLike<number>, { clients, alpha, seed }: Division): readonly Uint32Array[] {
  const draws = random(seed, 'federated/split');
  const groups = alpha === 'iid' ? [Array.from(labels, (_, i) => i)] : byClass(labels);
  const owned: number[][] = Array.from({ length: clients }, () => []);
  for (const group of groups) {
    draws.shuffle(group);
    const shares =
      alpha === 'iid'
        ? owned.map(() => 1 / clients)
        : dirichlet(
            owned.map(() => alpha),
            draws,
            owned.map(hasRoom(labels.length)),
          );
    let [sum, from] = [0, 0];
    owned.forEach((own, k) => {
      sum += shares[k]!;
      const to = k === clients - 1 ? group.length : Math.min(group.length, Math.round(sum * group.length));
      own.push(...group.slice(from, to));
      from = to;
    });
  }
  for (const own of owned) if (own.length === 0) own.push(owned.reduce((a, b) => (b.length > a.length ? b : a)).pop()!);
  return owned.map((own) => Uint32Array.from(own).sort());
}

const hasRoom =
  (examples: number) =>
  (own: readonly number[], _: number, { length: clients }: readonly unknown[]): boolean =>
    own.length < examples / clients;

function byClass(labels: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const group = groups.get(labels[i]!);
    if (group) group.push(i);
    else groups.set(labels[i]!, [i]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
