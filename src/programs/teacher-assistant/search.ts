/** Places of models in the list of assistants, largest first; the student has the place after the last. */
export type Path = readonly number[];

/** What a search works with. */
export interface Space {
  /** Number of models that may stand between teacher and student. */
  readonly assistants: number;
  /** Trainings that may be spent; one for each model of each path, those shared by several paths once. At least 1. */
  readonly budget: number;
  /**
   * Trains the last model of a path from the one before it (the first: from the teacher). Called once for each path, and for what a
   * path begins with before it.
   * @returns the validation score; higher is better.
   */
  train(path: Path): Promise<number>;
}

export interface Found {
  /** Ends with the student. */
  readonly path: Path;
  /** Paths to the student that were tried, in their order. */
  readonly tried: readonly { readonly path: Path; readonly score: number; readonly trainings: number }[];
  readonly trainings: number;
}

/** What has been trained and what is left to spend. */
interface Ledger {
  readonly student: number;
  spent(): number;
  /** Trainings that a path would take. */
  cost(path: Path): number;
  fits(path: Path): boolean;
  score(path: Path): Promise<number>;
  found(path: Path): Found;
}

const beginnings = (path: Path): readonly Path[] => path.map((_, i) => path.slice(0, i + 1));

function openLedger({ assistants: student, budget, train }: Space): Ledger {
  const scores = new Map<string, number>();
  const tried: Found['tried'][number][] = [];
  const cost = (path: Path): number => beginnings(path).filter((p) => !scores.has(p.join())).length;
  return {
    student,
    spent: () => scores.size,
    cost,
    fits: (path) => scores.size + cost(path) <= budget,
    async score(path) {
      for (const begun of beginnings(path)) {
        if (scores.has(begun.join())) continue;
        if (scores.size >= budget) throw new Error(`internal: the budget of ${budget} trainings is spent`);
        const score = await train(begun);
        scores.set(begun.join(), score);
        if (begun.at(-1) === student) tried.push({ path: begun, score, trainings: scores.size });
      }
      return scores.get(path.join())!;
    },
    found: (path) => ({ path, tried, trainings: scores.size }),
  };
}

type Search = (space: Space) => Promise<Found>;

/** Trainings of every size from every larger one: each of k assistants and the student, from the teacher and what is larger. */
const allPairs = (k: number): number => ((k + 1) * (k + 2)) / 2;

/** Numbers 0…count−1, `few` of them, evenly spread. */
const spread = (count: number, few: number): readonly number[] =>
  Array.from({ length: few }, (_, i) => Math.round(((i + 1) * (count + 1)) / (few + 1)) - 1);

/**
 * For every size, the largest first, the best of: taught by the teacher, or by the best model of any larger size. Where the budget
 * does not reach for all sizes it takes fewer, evenly spread.
 */
const dynamic: Search = async (space) => {
  const ledger = openLedger(space);
  let few = space.assistants;
  while (few > 0 && allPairs(few) > space.budget) few--;
  const best: Path[] = [];
  for (const size of [...spread(space.assistants, few), ledger.student]) {
    const choices: Path[] = [[size], ...best.map((path) => [...path, size])];
    best.push(await bestOf(ledger, choices));
  }
  return ledger.found(best.at(-1)!);
};

/** Begins with no assistant, and puts in the one that helps most until none does or the budget is spent. */
const greedy: Search = async (space) => {
  const ledger = openLedger(space);
  let path: Path = [ledger.student];
  for (let best = await ledger.score(path); ; ) {
    const before = best;
    const from = path;
    for (let size = 0; size < space.assistants; size++) {
      const longer = [...from, size].sort((a, b) => a - b);
      if (from.includes(size) || !ledger.fits(longer)) continue;
      const score = await ledger.score(longer);
      if (score > best) [best, path] = [score, longer];
    }
    if (best <= before) return ledger.found(path);
  }
};

/** The first of the best, so that at equal scores the shorter path counts. */
async function bestOf(ledger: Ledger, choices: readonly Path[]): Promise<Path> {
  let best: { readonly path: Path; readonly score: number } | null = null;
  for (const path of choices) {
    const score = await ledger.score(path);
    if (!best || score > best.score) best = { path, score };
  }
  return best!.path;
}

/** How chains are searched. */
export const searches: Readonly<Record<'dynamic' | 'greedy', Search>> = { dynamic, greedy };
