// @ts-check
// What the study compares. Weights are those of the literature: the papers, and the settings that their common benchmark code ships
// (RepDistiller's scripts, mdistiller's configurations), where the loss stands beside cross-entropy with weight 1. AT and FSP are means over
// stages here and sums there: their weights are multiplied by the number of stages.

/** @typedef {{ readonly kind: string, readonly weight?: number | object } & Record<string, unknown>} Loss */

/**
 * @typedef {object} Objective
 * @property {string} name
 * @property {'response' | 'feature' | 'relation' | 'self' | 'regulariser'} family
 * @property {readonly Loss[]} losses What is added to the labels.
 * @property {number} [labels] Weight of the labels beside it; 1 unless told.
 * @property {readonly string[]} [tasks] Where it fits; everywhere unless told.
 */

/** @type {(name: string, family: Objective['family'], loss: Loss, labels?: number) => Objective} */
const one = (name, family, loss, labels) => ({ name, family, losses: [loss], ...(labels !== undefined && { labels }) });

/** Responses share the weight with the labels as kd does: 0.9 and 0.1. @type {(name: string, loss: Loss) => Objective} */
const response = (name, loss) => one(name, 'response', { weight: 0.9, ...loss }, 0.1);
/** @type {(name: string, loss: Loss) => Objective} */
const feature = (name, loss) => one(name, 'feature', loss);
/** @type {(name: string, loss: Loss) => Objective} */
const relation = (name, loss) => one(name, 'relation', loss);
/** @type {(name: string, loss: Loss) => Objective} */
const self = (name, loss) => one(name, 'self', loss);

/** Each is trained alone (with labels) and together with kd. @type {readonly Objective[]} */
export const objectives = [
  response('reverse KL', { kind: 'kd', direction: 'reverse' }),
  response('JSD(0.5)', { kind: 'jsd', beta: 0.5 }),
  response('skew KL', { kind: 'skew-kl' }),
  response('total variation', { kind: 'tvd' }),
  response('logit MSE', { kind: 'logit-mse' }),
  one('DKD', 'response', { kind: 'dkd' }, 1),
  one('DIST', 'response', { kind: 'dist' }, 1),
  one('kd, standardised', 'response', { kind: 'kd-standardised', weight: 9 }, 0.1),
  response('top-3 and tail', { kind: 'top-k', k: 3 }),
  one('ULD', 'response', { kind: 'uld', weight: 1.5 }),
  response('WSLD', { kind: 'wsld' }),
  response('MLKD', { kind: 'mlkd' }),
  feature('hint', { kind: 'hint', weight: 100 }),
  feature('PKD', { kind: 'pkd', form: 'code', weight: 100 }),
  feature('AT', { kind: 'at', weight: 3000 }),
  feature('NST', { kind: 'nst', weight: 50 }),
  feature('VID', { kind: 'vid', weight: 1 }),
  feature('ReviewKD', { kind: 'reviewkd', weight: 1 }),
  feature('CRD', { kind: 'crd', weight: 0.8 }),
  feature('AB', { kind: 'ab', weight: 1 }),
  feature('FT', { kind: 'ft', form: 'mean-channel', weight: 200 }),
  feature('FSP', { kind: 'fsp', weight: 100 }),
  feature('OFD', { kind: 'ofd', weight: 0.001 }),
  // Needs embeddings of one width.
  { ...feature('cosine', { kind: 'cosine', weight: 1 }), tasks: ['cifar10'] },
  relation('RKD distance', { kind: 'rkd-distance', weight: 25 }),
  relation('RKD angle', { kind: 'rkd-angle', weight: 50 }),
  relation('cosine Gram', { kind: 'cosine-gram', weight: 1 }),
  relation('mean cosine', { kind: 'mean-cosine', weight: 1 }),
  relation('SP', { kind: 'sp', weight: 3000 }),
  relation('PKT', { kind: 'pkt', weight: 30000 }),
  // The form of benchmark code needs embeddings of one width; the paper's kernel does not, and has no usual weight.
  { ...relation('CC', { kind: 'cc', form: 'neighbours', weight: 0.02 }), tasks: ['cifar10'] },
  { ...relation('CC, kernel', { kind: 'cc', weight: 1 }), tasks: ['fashion-mnist'] },
  one('past self', 'self', { kind: 'past-self' }, 0),
  self('mean teacher', { kind: 'mean-teacher', weight: 100, rampUp: 1, decay: 0.99 }),
  self('deep supervision', { kind: 'deep-supervision' }),
  self('CS-KD', { kind: 'cs-kd' }),
  self('mutual', { kind: 'mutual' }),
  one('Tf-KD', 'regulariser', { kind: 'tf-kd', weight: 0.1 }, 0.9),
  one('confidence penalty', 'regulariser', { kind: 'confidence-penalty' }),
  one('label smoothing', 'regulariser', { kind: 'labels', smoothing: 0.1 }, 0),
];

/** Hinton et al. 2015 with α = 0.9 and T = 4: the control that every objective is added to. */
const kd = { kind: 'kd', weight: 0.9, temperature: 4 };
const beside = { kind: 'labels', weight: 0.1 };
/** In a balanced objective weights are parts of the gradient: what is added pulls half as hard as kd. */
const balancedWeight = 0.45;

/** @type {(losses: readonly Loss[], by: number) => Loss[]} */
const times = (losses, by) => losses.map((loss) => ({ ...loss, weight: /** @type {number} */ (loss.weight ?? 1) * by }));
/** @type {(objective: Objective) => readonly Loss[]} */
const alone = ({ losses, labels = 1 }) => [...losses, ...(labels > 0 ? [{ kind: 'labels', weight: labels }] : [])];
/** @type {(objective: Objective) => readonly Loss[]} */
const added = ({ losses }) => [kd, beside, ...losses];

/** How an objective stands beside kd. @type {Readonly<Record<Objective['family'], (objective: Objective) => readonly Loss[]>>} */
const together = {
  // Two readings of the same logits share the weight of the teacher.
  response: ({ losses }) => [...times([kd, ...losses], 0.5), beside],
  // As in the benchmark of Tian et al. 2020: kd and labels as they are, and the loss with its weight.
  feature: added,
  relation: added,
  // These stand in for the labels, or change them.
  self: (objective) => [kd, ...times(alone(objective), 0.1)],
  regulariser: (objective) => [kd, ...times(alone(objective), 0.1)],
};

/**
 * @typedef {object} Arm
 * @property {string} key Name in the results.
 * @property {readonly Loss[]} losses
 * @property {'none' | 'gradient'} balance
 * @property {readonly string[] | undefined} tasks
 */

/** Everything that is trained: the two controls, then each objective in its settings. @type {readonly Arm[]} */
export const arms = [
  { key: 'labels', losses: [{ kind: 'labels' }], balance: 'none', tasks: undefined },
  { key: 'kd', losses: [kd, beside], balance: 'none', tasks: undefined },
  ...objectives.flatMap((objective) => {
    const { name, family, losses, tasks } = objective;
    /** @type {readonly Arm[]} */
    const usual = [
      { key: name, losses: alone(objective), balance: 'none', tasks },
      { key: `kd + ${name}`, losses: together[family](objective), balance: 'none', tasks },
    ];
    if (family !== 'feature' && family !== 'relation') return usual;
    const balanced = [kd, beside, ...losses.map((loss) => ({ ...loss, weight: balancedWeight }))];
    return [...usual, { key: `kd + ${name}, balanced`, losses: balanced, balance: /** @type {const} */ ('gradient'), tasks }];
  }),
];
