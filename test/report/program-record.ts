import type { Gallery, ProgramResults } from '../../src/programs/record.ts';
import { attack, cifar } from './records.ts';

/** What a program left that made examples up: tables and galleries of all kinds. */
export function madeUp(galleries: readonly Gallery[], name = 'made-up'): ProgramResults {
  return {
    version: 1,
    potstill: '0.1.0',
    program: 'data-free',
    name,
    sentence: 'The student agrees with its teacher on 91.00 % of fresh examples.',
    figures: [{ value: 0.91, unit: 'percent', words: 'agreement on fresh examples' }],
    tables: [
      {
        title: 'What was made up',
        columns: [
          { title: 'classes covered', unit: 'percent' },
          { title: 'class balance', unit: 'percent' },
        ],
        rows: [{ name: 'seed 1', cells: [1, null] }],
      },
    ],
    charts: [],
    galleries,
    notes: [],
    parts: [],
    data: null,
    environment: { node: 'v20', onnxruntime: '1.30', platform: 'linux', cpu: 'any', threads: 2, provider: 'cpu' },
    seconds: 12,
  };
}

const captions = ['100 %', '98 %', '51 %'];

/** A gallery of pictures by class; the last class has none. */
export const pictures: Gallery = {
  title: 'By class',
  note: 'Below each: how sure the teacher is.',
  rows: cifar.map((name, k) => ({
    name,
    shown:
      k === cifar.length - 1 ? null : { kind: 'pictures', sheet: `gallery/by-class/${k}.png`, width: 8, height: 8, captions },
  })),
};

export const values: Gallery = {
  title: 'Rows of a table',
  rows: [
    {
      name: 'Adelie',
      shown: {
        kind: 'values',
        columns: Array.from({ length: 12 }, (_, i) => `column ${i + 1}`),
        values: captions.map((_, r) => Array.from({ length: 12 }, (__, i) => (i === 0 ? 'Torgersen' : i + r / 3))),
        captions,
      },
    },
  ],
};

export const texts: Gallery = {
  title: 'Texts',
  rows: [{ name: 'positive', shown: { kind: 'texts', texts: ['a warm , funny film', 'word '.repeat(300), 'good'], captions } }],
};

/** The same, full of what others might write. */
export const hostileGalleries: readonly Gallery[] = [
  {
    title: attack,
    note: attack,
    rows: [
      { name: attack, shown: { kind: 'pictures', sheet: attack, width: 8, height: 8, captions: [attack] } },
      {
        name: 'elsewhere',
        shown: { kind: 'pictures', sheet: 'gallery/elsewhere.png', width: 8, height: 8, captions: [attack, 'x'.repeat(400)] },
      },
      { name: 'x'.repeat(400), shown: { kind: 'values', columns: [attack], values: [[attack]], captions: [attack] } },
      { name: '', shown: { kind: 'texts', texts: [attack, 'x'.repeat(2000)], captions: [attack, ''] } },
    ],
  },
];
