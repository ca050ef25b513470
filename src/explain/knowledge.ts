/**
 * What the soft targets of a teacher say about a set of examples, as plain JSON. Probabilities are 0–1, temperatures divide logits,
 * examples are named by their place in the set.
 */
export interface Knowledge {
  /** Examples that the teacher was asked about. */
  readonly examples: number;
  /** How many of them have a label. */
  readonly labelled: number;
  readonly neighbours: Neighbours;
  /** From the lowest temperature to the highest. */
  readonly entropy: readonly EntropyAt[];
  readonly advice: TemperatureAdvice;
  /** How many examples are how easy, the easiest first. */
  readonly difficulty: readonly DifficultyBand[];
  /** Examples whose label the teacher confidently contradicts. */
  readonly suspects: number;
  /** Highest cross-entropy to the label first, without the suspects. */
  readonly hardest: readonly Shown[];
  /** Highest entropy first. */
  readonly ambiguous: readonly Shown[];
  /** The suspects, most likely mislabelled first. */
  readonly mislabelled: readonly Shown[];
}

/** Which classes look alike to the teacher. */
export interface Neighbours {
  readonly temperature: number;
  /** What the examples were grouped by: their labels or, where none has one, what the teacher takes them for. */
  readonly by: 'label' | 'prediction';
  /** For every class its examples and the other classes with the largest mass of its mean soft target, largest first. */
  readonly classes: readonly ClassNeighbours[];
  /** Mean soft target of the examples of each class (rows of zeros: none); null where there are too many classes for a matrix. */
  readonly mean: readonly (readonly number[])[] | null;
}

export interface ClassNeighbours {
  readonly count: number;
  readonly nearest: readonly Neighbour[];
}

export interface Neighbour {
  readonly class: number;
  readonly mass: number;
}

/** How soft the targets are at one temperature. */
export interface EntropyAt {
  readonly temperature: number;
  /** Mean entropy as a share of ln K, that of the uniform distribution. */
  readonly mean: number;
  /** Examples by entropy, in bins of equal width over the shares 0–1. */
  readonly bins: readonly number[];
}

/** What the softness rule asks for: softness, 0–1. */
export interface SoftnessRule {
  /** Wanted at the start. */
  readonly start: number;
  /** Less than `from` is hardly more than a label, more than `to` hardly tells classes apart. */
  readonly from: number;
  readonly to: number;
}

/** Where the rule of `adviseTemperature` says to start, and what it saw. */
export interface TemperatureAdvice {
  readonly rule: SoftnessRule;
  readonly start: number;
  /** The temperatures between which softness is neither too little nor too much for the rule. */
  readonly from: number;
  readonly to: number;
  /** Softness at `start`: mean mass outside the top class, as a share of the (K − 1)/K that it is at an infinite temperature. */
  readonly softness: number;
  /** Whether `start` reaches the softness that the rule asks for; if not, it is the lowest or highest temperature it considers. */
  readonly reached: 'yes' | 'softer-at-one' | 'not-at-highest';
  readonly curve: readonly SoftnessAt[];
}

export interface SoftnessAt {
  readonly temperature: number;
  readonly softness: number;
}

export interface DifficultyBand {
  readonly name: string;
  /** Confidence: the probability of the label, or of the top class where there is no label. In (from, to]; the first band has no upper end. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** An example to look at. */
export interface Shown {
  readonly index: number;
  /** As `data:image/png;base64,…`, or null where an example is not a picture. */
  readonly picture: string | null;
  /** Column names and values, where an example is a row of a table. */
  readonly row: Readonly<Record<string, string | number>> | null;
  readonly label: string | null;
  /** The classes that the teacher holds most likely, at temperature 1. */
  readonly guesses: readonly Guess[];
}

export interface Guess {
  readonly label: string;
  readonly probability: number;
}

/** `explain.json`: what was asked, and what came out. */
export interface Explanation {
  readonly version: 1;
  readonly potstill: string;
  readonly name: string;
  readonly teacher: string;
  readonly data: string;
  readonly split: string;
  /** Examples of the whole split; `knowledge.examples` may be fewer. */
  readonly size: number;
  readonly classes: readonly string[];
  /** Of the labelled examples; null where there is none. `ece` over 15 bins. */
  readonly accuracy: number | null;
  readonly ece: number | null;
  readonly reliability: readonly {
    readonly from: number;
    readonly to: number;
    readonly count: number;
    readonly confidence: number;
    readonly accuracy: number;
  }[];
  readonly knowledge: Knowledge;
  /** Indices of all examples asked about, easy ones first: by falling confidence. */
  readonly curriculum: readonly number[];
}
