/**
 * What a run leaves behind, as plain JSON. `results.json` is a `Results`: documented and stable. `details.json` is a
 * `Details`: what only the report needs. `metrics.jsonl` holds one `HistoryRow` a line.
 */

import type { Knowledge } from '../explain/knowledge.ts';
import type { TaskName } from '../methods/define.ts';

/** A number measured once per seed. `spread` is the sample standard deviation over seeds (n − 1), null for one seed. */
export interface Spread {
  readonly mean: number;
  readonly spread: number | null;
  readonly perSeed: readonly number[];
}

/**
 * Test metrics by name. Classification: `accuracy` (0–1), `nll` (nats), `brier` (0–2), `ece` (0–1, 15 bins), and where there is
 * a teacher `agreement` (0–1) and `klToTeacher` (nats). Regression: `rmse`, `mae`, `r2`. Embedding: `cosine` (−1 to 1,
 * where student and teacher give as many numbers) and `spearman` (−1 to 1, of the cosines of pairs of examples), both to the teacher. Token classification: those of
 * classification, by word, and where tags mark entities `f1`, `precision` and `recall` (0–1) of those.
 */
export type Metrics = Readonly<Record<string, Spread>>;

export interface Latency {
  /** Milliseconds for one example (batch of 1). */
  readonly p50: number;
  readonly p95: number;
}

/** What a model costs in the runtime that serves it. */
export interface Cost {
  readonly parameters: number;
  /** Multiply–accumulates of one example. */
  readonly macs: number;
  /** Size of the ONNX file, external data included. */
  readonly bytes: number;
  readonly latencyMs: Latency;
  /** Examples a second at batch 32. */
  readonly throughput: number;
}

/** One row of the controls table. */
export interface Side {
  readonly model: string;
  readonly metrics: Metrics;
  readonly cost: Cost;
  /** Epoch (from 1) whose checkpoint was kept, chosen on validation, per seed; null where nothing was trained. */
  readonly bestEpoch: readonly number[] | null;
}

/** A lighter file of the delivered student, beside the one in float32. */
export interface Deployed {
  readonly name: 'int8' | 'fp16';
  /** What transformers.js calls its type. */
  readonly dtype: string;
  /** Where it is in the student's folder. */
  readonly path: string;
  readonly bytes: number;
  /** On the test split. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Its headline metric less that of the file in float32. */
  readonly change: number;
  /** Milliseconds of one example, median. */
  readonly latencyMs: number;
  /** How many times as fast as the file in float32, measured in turn: one example, and 32 at once. */
  readonly speedup: { readonly one: number; readonly batch: number };
  /** Nodes that are computed in the lighter type. */
  readonly changed: number;
  /** Nodes that are not, by reason. */
  readonly kept: readonly { readonly op: string; readonly reason: string; readonly nodes: readonly string[] }[];
}

export interface Verdict {
  /** `unclear`: the difference is within the spread, or there is only one seed to judge by. */
  readonly helped: 'yes' | 'no' | 'unclear' | 'not-measured';
  /** One plain sentence for the top of the report. */
  readonly sentence: string;
  /** distilled − scratch on the headline metric, per seed (same seed, same split); null without a scratch control. */
  readonly difference: Spread | null;
}

export interface Results {
  readonly version: 1;
  readonly potstill: string;
  readonly name: string;
  readonly task: TaskName;
  readonly seeds: readonly number[];
  /** The metric by which models are chosen and compared. */
  readonly headline: { readonly name: string; readonly higherIsBetter: boolean };
  readonly teacher: Side | null;
  readonly scratch: Side | null;
  readonly distilled: Side;
  /** (distilled − scratch) / (teacher − scratch) on the headline metric, per seed; null without both, or where there is no gap. */
  readonly gapRecovered: Spread | null;
  readonly verdict: Verdict;
  /** The exported file against the training graph on test examples: largest absolute difference of an output. */
  readonly parity: { readonly maxAbsError: number; readonly examples: number };
  /** Lighter files of the student; runs before they existed have none. */
  readonly deployed?: readonly Deployed[];
  readonly data: {
    readonly name: string;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    /** Class names, or null where there are none. */
    readonly classes: readonly string[] | null;
    /** What the student was made to give: classes or values; 0 for a vector as its head reads it. Older runs do not say. */
    readonly outputs?: number;
    /** Whether it gives them for each token of a text. */
    readonly perToken?: boolean;
    /** Shape of one example, e.g. [3,32,32]. */
    readonly shape: readonly number[];
  };
  /** How the student gets its input from the data, as a recipe would say it. */
  readonly preprocess?: Readonly<Record<string, unknown>>;
  readonly environment: {
    readonly node: string;
    readonly onnxruntime: string;
    readonly platform: string;
    readonly cpu: string;
    readonly threads: number;
    readonly provider: string;
  };
  /** Wall-clock seconds spent training, all seeds. */
  readonly seconds: { readonly teacher: number; readonly scratch: number; readonly distilled: number };
}

/** Which of the trainings of a run a row belongs to. */
export type Role = 'teacher' | 'scratch' | 'distilled';

/** One measurement during training. `losses` are means since the row before, unweighted, by term; `total` is what was minimised. */
export interface HistoryRow {
  readonly role: Role;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  readonly split: 'train' | 'validation';
  readonly total?: number;
  readonly losses?: Readonly<Record<string, number>>;
  /** Means of what losses show beside their value, as `<term>.<name>`: a learned temperature, the weights of teachers. */
  readonly shows?: Readonly<Record<string, number>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly learningRate?: number;
  /** Part of each term in the gradient of the student's parameters (norms, weighted), 0 to 1; measured on one batch after some epochs. */
  readonly gradients?: Readonly<Record<string, number>>;
}

/** One bin of a reliability diagram; confidence and accuracy are means over its `count` examples (0 when empty). */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** What one model did on the test set (first seed). */
export interface Behaviour {
  /** Rows: true class, columns: predicted class; empty for regression. */
  readonly confusion: readonly (readonly number[])[];
  readonly reliability: readonly ReliabilityBin[];
  /** Accuracy per true class, null for a class without test examples. */
  readonly perClass: readonly (number | null)[];
}

/** A picture as `data:image/png;base64,…`, or null where an example is not a picture. */
export interface Example {
  readonly index: number;
  readonly picture: string | null;
  /** Column names and values of a table row, where an example is one. */
  readonly row: Readonly<Record<string, string | number>> | null;
  readonly label: string;
  /** Prediction and its probability (or value, for regression, with probability null). */
  readonly teacher: Prediction | null;
  readonly scratch: Prediction | null;
  readonly distilled: Prediction;
}

export interface Prediction {
  readonly label: string;
  readonly probability: number | null;
}

/** How much the members of an ensemble of teachers differ on the test set. */
export interface Disagreement {
  readonly members: number;
  /** Share of examples that two members put into different classes, mean over pairs of members, 0 to 1. */
  readonly pairwise: number;
  /** Mean mutual information between prediction and member, nats. */
  readonly uncertainty: number;
  /** Examples from the least to the most disagreed on, in groups of equal size; accuracies (0–1) are null without labels. */
  readonly groups: readonly {
    readonly examples: number;
    readonly uncertainty: number;
    readonly teacher: number | null;
    readonly distilled: number | null;
  }[];
}

export interface Details {
  readonly version: 1;
  readonly teacher: Behaviour | null;
  readonly scratch: Behaviour | null;
  readonly distilled: Behaviour;
  /** Examples on which the models disagree, the most telling first. */
  readonly examples: readonly Example[];
  /** What happened that a reader should know: early stops, skipped controls, notes on the data. */
  readonly notes: readonly string[];
  /** What the teacher's soft targets say of the test set; absent for regression and without a teacher. */
  readonly knowledge?: Knowledge;
  /** Only where several teachers were one. */
  readonly disagreement?: Disagreement;
}

/** All that the report is made of. */
export interface RunRecord {
  readonly results: Results;
  readonly history: readonly HistoryRow[];
  readonly details: Details;
  /** The resolved recipe as YAML text, as it stands in the run directory. */
  readonly recipe: string;
  /** The student as the page runs it: base64 ONNX, or null to leave it out. */
  readonly student: string | null;
}
