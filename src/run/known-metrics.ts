/** What people are told of a metric, wherever it is told. */
export interface MetricFacts {
  readonly label: string;
  readonly hint: string;
  /** null: not known, so nobody says which side is better. */
  readonly higherIsBetter: boolean | null;
  /** Shares (0–1) are told as percent, their differences as points. */
  readonly share: boolean;
}

const known: Readonly<Record<string, MetricFacts>> = {
  accuracy: { label: 'Accuracy', hint: '', higherIsBetter: true, share: true },
  f1: { label: 'F1', hint: 'of entities: type and both ends right', higherIsBetter: true, share: true },
  precision: { label: 'Precision', hint: 'of entities', higherIsBetter: true, share: true },
  recall: { label: 'Recall', hint: 'of entities', higherIsBetter: true, share: true },
  nll: { label: 'Log loss', hint: 'nats', higherIsBetter: false, share: false },
  brier: { label: 'Brier score', hint: '0 to 2', higherIsBetter: false, share: false },
  ece: { label: 'Calibration error', hint: 'ECE, 15 bins', higherIsBetter: false, share: true },
  agreement: { label: 'Agreement', hint: 'with the teacher', higherIsBetter: true, share: true },
  klToTeacher: { label: 'Divergence', hint: 'KL to the teacher, nats', higherIsBetter: false, share: false },
  rmse: { label: 'RMSE', hint: 'in units of the target', higherIsBetter: false, share: false },
  mae: { label: 'MAE', hint: 'in units of the target', higherIsBetter: false, share: false },
  cosine: { label: 'Cosine', hint: "mean, to the teacher's embedding", higherIsBetter: true, share: false },
  spearman: {
    label: 'Rank correlation',
    hint: "of the similarities of examples with the teacher's (Spearman)",
    higherIsBetter: true,
    share: false,
  },
  r2: { label: 'R²', hint: 'variance explained', higherIsBetter: true, share: false },
};

/** What is known of a metric; of one that nobody knows, its own name. */
export const factsOf = (name: string): MetricFacts =>
  Object.hasOwn(known, name) ? known[name]! : { label: name, hint: '', higherIsBetter: null, share: false };

/** Whether it is told as percent. */
export const isShare = (name: string): boolean => factsOf(name).share;
