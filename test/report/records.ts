import type {
  Behaviour,
  Cost,
  Details,
  Example,
  HistoryRow,
  ReliabilityBin,
  Results,
  Role,
  RunRecord,
  Side,
  Spread,
} from '../../src/run/record.ts';
import { gapRecovered, spreadOf, verdict } from '../../src/run/verdict.ts';
import { knowledge } from '../explain/fixture.ts';
import { pictureUri } from './picture.ts';

/** Numbers in [0, 1) that depend on the arguments alone. */
export function noise(...keys: readonly number[]): number {
  return keys.reduce((state, key) => mixed(state ^ mixed(Math.trunc(key * 1000) + 0x9e3779b9)), 0x51ed270b) / 2 ** 32;
}

function mixed(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

export interface Shape {
  readonly classes?: readonly string[];
  readonly seeds?: readonly number[];
  readonly epochs?: number;
  readonly rowsPerEpoch?: number;
  readonly examples?: readonly Example[];
}

export const cifar = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const studentCost: Cost = {
  parameters: 78_042,
  macs: 12_537_000,
  bytes: 318_044,
  latencyMs: { p50: 0.412, p95: 0.498 },
  throughput: 5_240,
};
const teacherCost: Cost = {
  parameters: 272_474,
  macs: 41_219_000,
  bytes: 1_102_300,
  latencyMs: { p50: 1.337, p95: 1.61 },
  throughput: 1_466,
};

/** A run with teacher and scratch control that helped. */
export function classification({
  classes = cifar,
  seeds = [1, 2, 3],
  epochs = 30,
  rowsPerEpoch = 4,
  examples = cards(classes, 14),
}: Shape = {}): RunRecord {
  const side = (model: string, cost: Cost, accuracy: number, trained: boolean): Side => ({
    model,
    cost,
    bestEpoch: trained ? seeds.map((seed) => epochs - Math.floor(noise(seed, accuracy) * 4)) : null,
    metrics: {
      accuracy: spreadOf(seeds.map((seed) => accuracy + (trained ? (noise(seed, accuracy, 3) - 0.5) * 0.006 : 0))),
      nll: spreadOf(seeds.map((seed) => 1.9 * (1 - accuracy) + (trained ? noise(seed, accuracy, 5) * 0.01 : 0))),
      brier: spreadOf(seeds.map((seed) => 1.5 * (1 - accuracy) + (trained ? noise(seed, accuracy, 7) * 0.004 : 0))),
      ece: spreadOf(seeds.map((seed) => 0.031 + (trained ? noise(seed, accuracy, 9) * 0.02 : 0))),
      ...(trained
        ? {
            agreement: spreadOf(seeds.map((seed) => accuracy + 0.012 + noise(seed, accuracy, 2) * 0.004)),
            klToTeacher: spreadOf(seeds.map((seed) => 2.1 * (0.98 - accuracy) + noise(seed, accuracy, 4) * 0.02)),
          }
        : {}),
    },
  });
  const teacher = side('resnet20_cifar10.onnx', teacherCost, 0.915, false);
  const scratch = side('resnet-8', studentCost, 0.8612, true);
  const distilled = side('resnet-8', studentCost, 0.8795, true);
  const headline = { name: 'accuracy', higherIsBetter: true };
  const [t, s, d] = [teacher, scratch, distilled].map((own) => own.metrics.accuracy!) as [Spread, Spread, Spread];
  const results: Results = {
    version: 1,
    potstill: '0.1.0',
    name: 'cifar10-resnet8',
    task: 'classification',
    seeds,
    headline,
    teacher,
    scratch,
    distilled,
    gapRecovered: gapRecovered(headline, t, s, d),
    verdict: verdict(headline, s, d, true),
    parity: { maxAbsError: 2.4e-6, examples: 256 },
    deployed: [
      {
        name: 'int8',
        dtype: 'q8',
        path: 'onnx/model_quantized.onnx',
        bytes: 91_204,
        metrics: { accuracy: 0.8781, nll: 0.3402 },
        change: -0.0014,
        latencyMs: 0.41,
        speedup: { one: 1.62, batch: 1.87 },
        changed: 9,
        kept: [{ op: 'Conv', reason: 'depthwise: slower in 8 bits', nodes: ['layer1/conv2', 'layer2/conv2'] }],
      },
    ],
    data: { name: 'CIFAR-10', train: 8_000, validation: 1_000, test: 1_000, classes, shape: [3, 32, 32] },
    environment,
    seconds: { teacher: 0, scratch: 1_312.4, distilled: 1_581.9 },
  };
  const details: Details = {
    version: 1,
    teacher: behaviour(classes.length, 0.915, 0.02),
    scratch: behaviour(classes.length, 0.861, 0.05),
    distilled: behaviour(classes.length, 0.88, 0.03),
    examples,
    notes: [
      'Seed 2 of scratch stopped early at epoch 27: no better validation accuracy for 5 epochs.',
      'The test set has 1,000 examples: differences below about 1 point are within its sampling error.',
    ],
    knowledge: knowledge(classes),
  };
  return {
    results,
    details,
    history: history(seeds, epochs, rowsPerEpoch),
    recipe,
    student: Buffer.from('a student').toString('base64'),
  };
}

/** Regression on table rows, which did not help. */
export function regression(): RunRecord {
  const seeds = [1, 2, 3, 4];
  const side = (model: string, cost: Cost, rmse: number): Side => ({
    model,
    cost,
    bestEpoch: seeds.map((seed) => 8 + seed),
    metrics: Object.fromEntries(
      [
        ['rmse', rmse],
        ['mae', rmse * 0.68],
        ['r2', 1 - rmse ** 2 / 1.33],
      ].map(([name, value]) => [name, spreadOf(seeds.map((seed) => Number(value) + noise(seed, rmse, 11) * 0.01))]),
    ),
  });
  const base = classification({ seeds });
  const small: Cost = { ...studentCost, parameters: 321, bytes: 2_204, macs: 288 };
  const headline = { name: 'rmse', higherIsBetter: false };
  const teacher = side('mlp-512-512', { ...teacherCost, parameters: 268_801 }, 0.512);
  const [scratch, distilled] = [side('mlp-32', small, 0.561), side('mlp-32', small, 0.576)];
  const empty: Behaviour = { confusion: [], reliability: [], perClass: [] };
  const rows = Array.from(
    { length: 20 },
    (_, i): Example => ({
      index: 40 + i * 13,
      picture: null,
      row: {
        longitude: -122.23 + i / 10,
        latitude: 37.88,
        median_age: 41,
        rooms: 880 + i,
        income: 8.3252,
        ocean: 'NEAR BAY',
        extra1: 1,
        extra2: 2,
        extra3: 3,
      },
      label: (2.1 + i / 7).toFixed(3),
      teacher: { label: (2.2 + i / 7).toFixed(3), probability: null },
      scratch: { label: (2.05 + i / 7).toFixed(3), probability: null },
      distilled: { label: (2.0 + i / 7).toFixed(3), probability: null },
    }),
  );
  return {
    ...base,
    results: {
      ...base.results,
      name: 'housing',
      task: 'regression',
      seeds,
      headline,
      teacher,
      scratch,
      distilled,
      deployed: [],
      gapRecovered: gapRecovered(headline, teacher.metrics.rmse!, scratch.metrics.rmse!, distilled.metrics.rmse!),
      verdict: verdict(headline, scratch.metrics.rmse!, distilled.metrics.rmse!, true),
      data: { name: 'California housing', train: 14_448, validation: 3_096, test: 3_096, classes: null, shape: [9] },
      seconds: { teacher: 48.1, scratch: 12.9, distilled: 15.2 },
    },
    details: { version: 1, teacher: empty, scratch: empty, distilled: empty, examples: rows, notes: [] },
    history: (['teacher', 'scratch', 'distilled'] as const).flatMap((role) => regressionRows(role, seeds)),
    student: null,
  };
}

/** One seed, no teacher, no scratch, no history, nothing recorded beyond the numbers. */
export function minimal(): RunRecord {
  const full = classification({ seeds: [7] });
  const empty: Behaviour = { confusion: [], reliability: [], perClass: [] };
  const { accuracy, nll } = full.results.distilled.metrics;
  return {
    results: {
      ...full.results,
      teacher: null,
      scratch: null,
      distilled: { ...full.results.distilled, metrics: { accuracy: accuracy!, nll: nll! }, bestEpoch: null },
      gapRecovered: null,
      deployed: [],
      verdict: verdict(full.results.headline, null, accuracy!, true),
    },
    details: { version: 1, teacher: null, scratch: null, distilled: empty, examples: [], notes: [] },
    history: [],
    recipe: 'version: 1\n',
    student: null,
  };
}

export const attack = `</title></style></script><script>alert("1")</script><img src=x onerror='alert(2)'> & "q" \u0000\u0007\u202e\ud800`;

/** Everything that a user can name, named by an attacker. */
export function hostile(): RunRecord {
  const classes = [attack, 'javascript:alert(3)', 'x'.repeat(400), ...cifar.slice(3)];
  const [first, ...rest] = cards(classes, 6);
  const bad: Example = {
    ...first!,
    picture: 'data:image/png;base64,AA"onerror="alert(4)',
    row: { [attack]: attack },
    label: attack,
    distilled: { label: attack, probability: 0.5 },
  };
  const web: Example = { ...bad, picture: 'https://example.com/pixel.png' };
  const base = classification({ classes, examples: [bad, web, ...rest] });
  const { results, details } = base;
  return {
    ...base,
    results: {
      ...results,
      name: attack,
      potstill: attack,
      distilled: {
        ...results.distilled,
        model: attack,
        metrics: { ...results.distilled.metrics, [attack]: spreadOf([1, 2, 3]), constructor: spreadOf([1, 2, 3]) },
      },
      verdict: { ...results.verdict, sentence: attack },
      data: { ...results.data, name: attack },
      environment: { ...environment, cpu: attack },
    },
    details: { ...details, notes: [attack] },
    history: base.history.map((row) => ({ ...row, losses: { [attack]: 1 + row.step / 1000 } })),
    recipe: `teacher: "${attack}"\nurl: https://example.com/teacher.onnx\n`,
    student: 'AA"onclick="alert(5)',
  };
}

/** Rows that a broken training leaves: losses that are NaN, or null after JSON, and epochs without measurements. */
export function diverged(): RunRecord {
  const base = classification({ epochs: 12 });
  const lost = null as unknown as number;
  return {
    ...base,
    history: base.history.flatMap((row) => {
      if (row.epoch === 5) return [];
      if (row.role !== 'scratch' || row.epoch < 9) return [row];
      return [
        { ...row, total: Number.NaN, losses: { labels: lost }, metrics: { accuracy: Number.POSITIVE_INFINITY, nll: lost } },
      ];
    }),
  };
}

export function cards(classes: readonly string[], count: number): readonly Example[] {
  return Array.from({ length: count }, (_, i) => {
    const name = (k: number): string => classes[Math.floor(noise(i, k) * classes.length)]!;
    const [label, wrong] = [name(1), name(2)];
    return {
      index: Math.floor(noise(i, 8) * 1000),
      picture: pictureUri(16, (x, y) => [(x * 16 + i * 40) % 256, (y * 14 + i * 25) % 256, ((x ^ y) * 9 + i * 60) % 256]),
      row: null,
      label,
      teacher: { label, probability: 0.6 + 0.4 * noise(i, 3) },
      scratch: { label: wrong, probability: 0.4 + 0.5 * noise(i, 4) },
      distilled: { label: noise(i, 6) < 0.7 ? label : wrong, probability: 0.4 + 0.5 * noise(i, 5) },
    };
  });
}

function history(seeds: readonly number[], epochs: number, rowsPerEpoch: number): readonly HistoryRow[] {
  const steps = 63;
  const last = epochs * steps;
  return (['scratch', 'distilled'] as const).flatMap((role, r) =>
    seeds.flatMap((seed) =>
      Array.from({ length: epochs * rowsPerEpoch }, (_, i): HistoryRow[] => {
        const step = Math.round(((i + 1) / rowsPerEpoch) * steps);
        const epoch = Math.ceil(step / steps);
        const progress = step / last;
        const wave = (noise(seed, i, r) - 0.5) * 0.06 * (1.2 - progress);
        const labels = 0.25 + 1.9 * Math.exp(-5 * progress) + wave - 0.05 * r;
        const train: HistoryRow = {
          role,
          seed,
          epoch,
          step,
          split: 'train',
          total: role === 'distilled' ? 0.3 * labels + 2 * Math.exp(-4 * progress) + 0.2 + wave : labels,
          losses: role === 'distilled' ? { labels, kd: 2.2 * Math.exp(-4 * progress) + 0.22 + wave } : { labels },
          learningRate: 0.05 * (1 + Math.cos(Math.PI * progress)),
        };
        if ((i + 1) % rowsPerEpoch !== 0) return [train];
        const accuracy = (role === 'distilled' ? 0.88 : 0.861) - 0.5 * Math.exp(-6 * progress) + wave * 0.6;
        return [
          train,
          {
            role,
            seed,
            epoch,
            step,
            split: 'validation',
            metrics: { accuracy, nll: 2.1 * (1 - accuracy) + 0.04, ece: 0.04 + Math.abs(wave) },
          },
        ];
      }).flat(),
    ),
  );
}

function regressionRows(role: Role, seeds: readonly number[]): readonly HistoryRow[] {
  return seeds.flatMap((seed) =>
    Array.from({ length: 14 }, (_, i): readonly HistoryRow[] => {
      const value = 0.56 + 1.2 * Math.exp(-(i + 1) / (1.8 + role.length / 12)) + noise(seed, i, role.length) * 0.03;
      const at = { role, seed, epoch: i + 1, step: (i + 1) * 113 };
      return [
        { ...at, split: 'train', total: value ** 2, losses: { squared: value ** 2 } },
        { ...at, split: 'validation', metrics: { rmse: value, mae: value * 0.7, r2: 1 - value ** 2 / 1.33 } },
      ];
    }).flat(),
  );
}

function behaviour(size: number, accuracy: number, overconfidence: number): Behaviour {
  const confusion = Array.from({ length: size }, (_, i) => {
    const own = Math.round(100 * Math.min(0.99, accuracy + (noise(i, 21) - 0.5) * 0.16 + (noise(i, accuracy) - 0.5) * 0.05));
    const row = Array.from({ length: size }, () => 0);
    row[i] = own;
    for (let left = 100 - own, k = 0; left > 0 && size > 1; left--, k++) {
      const other = (i + 1 + Math.floor(noise(i, k, accuracy) ** 3 * (size - 1))) % size;
      row[other] = row[other]! + 1;
    }
    return row;
  });
  const reliability = Array.from({ length: 15 }, (_, i): ReliabilityBin => {
    const confidence = (i + 0.5) / 15;
    const count = i < 2 ? 0 : Math.round(8 + 700 * ((i + 1) / 15) ** 9);
    return {
      from: i / 15,
      to: (i + 1) / 15,
      count,
      confidence: count > 0 ? confidence : 0,
      accuracy: count > 0 ? Math.max(0, confidence - overconfidence - (noise(i, accuracy) - 0.5) * 0.08) : 0,
    };
  });
  return { confusion, reliability, perClass: confusion.map((row, i) => row[i]! / 100) };
}

const environment: Results['environment'] = {
  node: '20.20.2',
  onnxruntime: '1.30.0',
  platform: 'linux x64',
  cpu: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
  threads: 2,
  provider: 'cpu',
};

const recipe = `version: 1
name: cifar10-resnet8
data:
  kind: cifar10
  folder: data/cifar10
  validation: 0.1
teacher:
  onnx: data/models/cifar10_resnet/resnet20_cifar10.onnx
student:
  kind: cifar-resnet
  depth: 8
methods:
  - { kind: kd, temperature: 4, weight: 0.7 }
  - { kind: labels, weight: 0.3 }
optimizer: { kind: sgd, momentum: 0.9, nesterov: true, weightDecay: 0.0005 }
schedule: { kind: cosine, peak: 0.1, epochs: 30 }
seeds: [1, 2, 3]
`;
