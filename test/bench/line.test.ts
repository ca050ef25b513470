import { describe, expect, it } from 'vitest';
import { lineOf, markdownTable, textTable } from '../../bench/line.mjs';
import { resultsText } from '../../bench/results.mjs';

const about = { name: 'mlp-step', peer: 'PyTorch 1.13', unit: 'ms/step' };
const measured = lineOf({ ...about, note: 'OpenBLAS | OpenMP' }, [
  { ours: 10, theirs: 13.33333 },
  { ours: 10, theirs: 13.33333 },
]);
const impossible = lineOf({ ...about, name: 'conv-step', note: 'cannot: no kernel' }, []);

describe('the line of a comparison', () => {
  it('has all of its keys, in order, as JSON', () => {
    expect(JSON.stringify(measured)).toBe(
      '{"name":"mlp-step","peer":"PyTorch 1.13","ratio":1.333,"spread":[1.333,1.333],"ours":10,"theirs":13.33,"unit":"ms/step","pairs":2,"note":"OpenBLAS | OpenMP"}',
    );
  });

  it('has nulls and a reason where nothing could be measured', () => {
    expect(impossible).toEqual({
      name: 'conv-step',
      peer: 'PyTorch 1.13',
      ratio: null,
      spread: null,
      ours: null,
      theirs: null,
      unit: 'ms/step',
      pairs: 0,
      note: 'cannot: no kernel',
    });
  });

  it('has no note where there is nothing to say', () => {
    expect(lineOf(about, [{ ours: 1, theirs: 1 }])).not.toHaveProperty('note');
  });
});

describe('tables', () => {
  it('are aligned for a terminal, with notes below', () => {
    expect(textTable([measured, impossible])).toBe(
      [
        'comparison  peer          ratio  quartiles  ours  theirs  unit     pairs',
        'mlp-step    PyTorch 1.13  1.33   1.33…1.33  10    13.3    ms/step  2',
        'conv-step   PyTorch 1.13  –      –          –     –       ms/step  0',
        '',
        'mlp-step: OpenBLAS | OpenMP',
        'conv-step: cannot: no kernel',
      ].join('\n'),
    );
  });

  it('escape what would break a Markdown table', () => {
    const rows = markdownTable([measured]).split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[2]).toContain('OpenBLAS \\| OpenMP');
  });

  it('are one a machine on the page, in the order of the list', () => {
    const result = (machine: string, line: typeof measured) => ({ machine, node: 'v20.20.2', line });
    const text = resultsText(
      [result('a', impossible), result('b', measured), result('a', measured)],
      ['mlp-step', 'conv-step', 'never-run'],
    );
    expect(text.match(/^.*; Node .*$/gm)).toEqual(['b; Node 20.20.2:', 'a; Node 20.20.2:']);
    expect(text.lastIndexOf('conv-step')).toBeGreaterThan(text.lastIndexOf('mlp-step'));
  });
});
