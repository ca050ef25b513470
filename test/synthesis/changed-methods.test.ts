import { describe, expect, it } from 'vitest';
import { methodSchema, settledMethod } from '../../src/synthesis/methods/settled.ts';

const settled = (method: unknown) => settledMethod(methodSchema.parse(method)).synthesis;

describe('a published method, changed', () => {
  const published = settled('fast');

  it('keeps what a recipe does not name of a part', () => {
    expect(settled({ kind: 'zskt', inputs: { kind: 'generator', channels: 4 } }).inputs).toMatchObject({
      channels: 4,
      end: 'standardised',
    });
    expect(settled({ kind: 'zskt', optimizer: { kind: 'adam', learningRate: 0.5 } }).optimizer).toMatchObject({
      learningRate: 0.5,
      clipNorm: 5,
      schedule: { kind: 'cosine' },
    });
    expect(settled({ kind: 'fast', student: { steps: 3 } })).toEqual({
      ...published,
      student: { steps: 3, from: 'memory', augment: [] },
    });
  });

  it('changes kinds and lists as a whole, and takes a student away', () => {
    expect(settled({ kind: 'zskt', inputs: { kind: 'noise' } }).inputs).not.toHaveProperty('end');
    expect(settled({ kind: 'fast', priors: [{ kind: 'balance' }] }).priors).toHaveLength(1);
    expect(settled({ kind: 'fast', student: null }).student).toBeNull();
    expect(settled({ kind: 'fast' })).toEqual(published);
  });

  it('is the same when what was parsed is parsed again', () => {
    const once = methodSchema.parse({ kind: 'zskt', inputs: { kind: 'generator', end: 'sigmoid' } });
    expect(methodSchema.parse(once)).toEqual(once);
  });

  it('says what is wrong where it is', () => {
    const { error } = methodSchema.safeParse({ kind: 'zskt', inputs: { kind: 'generator', channels: 0 } });
    expect(JSON.stringify(error?.issues)).toContain('"inputs","channels"');
  });
});
