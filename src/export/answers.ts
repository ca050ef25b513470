import { logits } from './names.ts';
import type { StudentFile } from './student-file.ts';

/** One kind of what students give: scores of classes, values, or a vector. */
interface Answers {
  /** `one of 3 classes`. */
  readonly words: (student: StudentFile) => string;
  /** What `config.json` says of them. */
  readonly config: (student: StudentFile) => Readonly<Record<string, unknown>>;
  /** How much worse a lighter file is, from what its headline metric changed by; above 1 is too much. */
  readonly lost: (change: number, student: StudentFile) => number;
  /** Lines of code that read the output, with what they make of it. */
  readonly reading: readonly string[];
  /** Which pipeline of a layout gives them, what code calls it, and the line that prints what it gives. */
  readonly pipeline: {
    readonly kind: 'classes' | 'numbers' | 'tags';
    readonly called: string;
    readonly print: (call: string) => string;
  };
}

/** A name as Markdown can hold it. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Largest loss of a share such as accuracy or a similarity. */
const mostLost = 0.01;
/** Largest growth of an error, in standard deviations of what is predicted. */
const mostError = 0.01;

const classes: Answers = {
  words: (student) => `one of ${student.classes!.length} classes`,
  config: (student) => {
    const names = student.classes!;
    return {
      num_labels: names.length,
      id2label: Object.fromEntries(names.map((name, i) => [i, name])),
      label2id: Object.fromEntries(names.map((name, i) => [name, i])),
    };
  },
  lost: (change) => -change / mostLost,
  reading: [
    `const exps = Array.from(${logits}.data, (x) => Math.exp(x - Math.max(...${logits}.data)));`,
    'const probabilities = exps.map((x) => x / exps.reduce((a, b) => a + b));',
  ],
  pipeline: { kind: 'classes', called: 'classify', print: (call) => `console.log(${call});` },
};

const tags: Answers = {
  ...classes,
  words: (student) => `one of ${student.classes!.length} classes for each word, at its first token`,
  reading: [`console.log(${logits}.data); // per token a number for each class, before the softmax`],
  pipeline: { kind: 'tags', called: 'tag', print: classes.pipeline.print },
};

const values: Answers = {
  words: ({ targets }) => targets.map((t) => oneLine(t.name)).join(', '),
  config: ({ targets }) => ({ [logits]: { targets, raw: 'value * std + mean' } }),
  lost: (change, { targets }) => change / (mostError * Math.hypot(...targets.map((t) => t.std / Math.sqrt(targets.length)))),
  reading: [`console.log(${logits}.data); // per target of config.json: value * std + mean`],
  pipeline: {
    kind: 'numbers',
    called: 'predict',
    print: (call) => `console.log((${call}).tolist()); // per target of config.json: value * std + mean`,
  },
};

const vector: Answers = {
  words: () => 'a vector',
  config: () => ({}),
  lost: classes.lost,
  reading: [`console.log(${logits}.data); // the vector`],
  pipeline: {
    kind: 'numbers',
    called: 'embed',
    print: (call) => `console.log((${call}).tolist()); // the vector; pooling is part of the file, so ask for none`,
  },
};

/** What a student gives: a vector where there is nothing to be predicted. */
export const answersOf = ({
  classes: names,
  perToken,
  targets,
}: Pick<StudentFile, 'classes' | 'perToken' | 'targets'>): Answers => {
  if (names) return perToken ? tags : classes;
  return targets.length > 0 ? values : vector;
};
