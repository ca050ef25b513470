import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExampleType } from '../../src/data/dataset.ts';
import { imageDataset, plainVector } from '../../src/data/dataset.ts';
import { preprocess, preprocessedShape, preprocessSchema, settledPreprocess } from '../../src/data/preprocess.ts';
import { statistics } from '../../src/data/statistics.ts';

interface Case {
  readonly name: string;
  readonly spec: Record<string, unknown>;
  readonly shape: [number, number, number];
  readonly view: number[];
  readonly outShape: number[];
  readonly out: number[];
}
const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/preprocess.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

describe('preprocess', () => {
  it.each(golden.cases.map((c) => [c.name, c] as const))(
    'gives what PyTorch gives: %s',
    (_, { spec, shape, view, outShape, out }) => {
      const parsed = preprocessSchema.parse(spec);
      const example: ExampleType = { layout: 'image', shape };
      expect(preprocessedShape(parsed, example)).toEqual(outShape);
      const made = new Float32Array(out.length + 4);
      preprocess(parsed, example)(Float32Array.from([9, ...view, 9]), 1, made, 2);
      out.forEach((value, i) => {
        expect(made[i + 2]).toBeCloseTo(value, 4);
      });
      expect([made[0], made[1], made[out.length + 2]]).toEqual([0, 0, 0]);
    },
  );

  it('scales vectors, by column or all alike', () => {
    const out = new Float32Array(3);
    preprocess(preprocessSchema.parse({ mean: [1, 2, 3], std: 2 }), plainVector(['a', 'b', 'c']))(
      Float32Array.of(1, 4, 7),
      0,
      out,
      0,
    );
    expect(Array.from(out)).toEqual([0, 1, 2]);
  });

  it('says at once what does not fit the data', () => {
    const spec = preprocessSchema.parse({ channels: 'bgr', mean: [1, 2], resize: { height: 2, width: 2 }, layout: 'nhwc' });
    expect(() => preprocessedShape(spec, { layout: 'image', shape: [1, 4, 4] })).toThrow(
      /preprocess\.channels: 'bgr'.*3 channels\npreprocess\.mean: 2 numbers; expected one, or 3/,
    );
    expect(() => preprocessedShape(spec, plainVector(['a']))).toThrow(/resize.*\n.*channels.*\n.*layout/);
  });

  it('means columns by name, by pattern, and those of texts by all of their levels', () => {
    const table = plainVector(['age', 'ages', 'town=a', 'town=b', 'x*', 'x1', 'x2']);
    const chosen = (...columns: string[]) => settledPreprocess(preprocessSchema.parse({ columns }), table).columns;
    expect(chosen('age')).toEqual([0]);
    expect(chosen('age*')).toEqual([0, 1]);
    expect(chosen('x2', 'town', 'x1')).toEqual([2, 3, 5, 6]);
    expect(chosen('x*')).toEqual([4]);
    expect(preprocessedShape(preprocessSchema.parse({ columns: ['town'] }), table)).toEqual([2]);
    expect(() => chosen('age', 'twn', 'y*')).toThrow(
      /^preprocess\.columns\[1\]: 'twn', which is none of the 7 columns; expected .*nearest are 'town=a', .*\npreprocess\.columns\[2\]: 'y\*'/,
    );
  });

  it('has columns for tables alone, and one of two texts for texts alone', () => {
    const spec = preprocessSchema.parse({ columns: ['a'], texts: 'first' });
    expect(() => preprocessedShape(spec, { layout: 'image', shape: [1, 4, 4] })).toThrow(
      /preprocess\.texts: 'first'.*expected texts.*\npreprocess\.columns: it is set for.*expected rows of a table/,
    );
  });

  it('refuses unknown keys and a standard deviation of zero', () => {
    expect(preprocessSchema.safeParse({ men: 1 }).success).toBe(false);
    expect(preprocessSchema.safeParse({ std: 0 }).success).toBe(false);
    expect(preprocessSchema.safeParse({ std: [1, 0, 1] }).success).toBe(false);
  });
});

describe('statistics', () => {
  it('are those of each channel', () => {
    const bytes = Uint8Array.of(0, 255, 51, 51, 255, 255, 153, 51);
    const { mean, std } = statistics(imageDataset({ name: 's', shape: [2, 1, 2], bytes, labels: null, classes: null }));
    expect(mean[0]).toBeCloseTo(0.75, 6);
    expect(std[0]).toBeCloseTo(Math.sqrt(0.1875), 6);
    expect(mean[1]).toBeCloseTo(0.3, 6);
    expect(std[1]).toBeCloseTo(Math.sqrt((3 * 0.01 + 0.09) / 4), 6);
  });
});
