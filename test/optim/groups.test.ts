import { describe, expect, test } from 'vitest';
import { fits } from '../../src/graph/glob.ts';
import { OptimError } from '../../src/optim/error.ts';
import { assignGroups, groupSchema } from '../../src/optim/groups.ts';

const names = ['conv1.weight', 'bn1.weight', 'bn1.bias', 'layer1.0.conv1.weight', 'fc.weight', 'fc.bias'];
const groups = (...list: { match: string | string[] }[]) => list.map((g) => groupSchema.parse(g));

describe('fits', () => {
  test.each([
    ['fc.bias', 'fc.bias', true],
    ['fc.bias', 'fc', false],
    ['fc.bias', '*', true],
    ['fc.bias', '*.bias', true],
    ['fc.bias', 'fc.*', true],
    ['layer1.0.conv1.weight', 'layer1.*.weight', true],
    ['layer1.0.conv1.weight', '*conv*weight', true],
    ['layer1.0.conv1.weight', '*1*1*1*', false],
    ['aXa', 'a*a*a', false],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['fcXbias', 'fc.bias', false],
    ['a.b', 'a.b*', true],
  ])('%s by %s: %s', (name, glob, wanted) => expect(fits(name, glob)).toBe(wanted));
});

describe('assignGroups', () => {
  test('the first group that fits counts', () => {
    const assigned = assignGroups(groups({ match: 'fc.*' }, { match: ['*.bias', 'bn*'] }), names);
    expect(Object.fromEntries(assigned)).toEqual({ 'fc.weight': 0, 'fc.bias': 0, 'bn1.bias': 1, 'bn1.weight': 1 });
  });

  test('a pattern that fits nothing is an error with the nearest names', () => {
    const wrong = () => assignGroups(groups({ match: '*.bias' }, { match: ['fc.*', 'conv1.wieght'] }), names);
    expect(wrong).toThrow(OptimError);
    expect(wrong).toThrow("groups.1.match: 'conv1.wieght' fits none of the 6 parameters; the nearest are 'conv1.weight', ");
  });
});
