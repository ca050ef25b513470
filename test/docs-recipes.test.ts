import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parsePlan, parsePlanText } from '../src/programs/parse.ts';

const root = new URL('../', import.meta.url);
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}${name}`);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** What a fragment is put into: its own keys come first. */
const rest = {
  data: { kind: 'glyphs' },
  teacher: { kind: 'onnx', model: 'teacher.onnx' },
  student: { model: { kind: 'cnn' } },
};

/** Every block of YAML of a page, with the line it begins at. */
function blocks(page: string): { readonly line: number; readonly text: string }[] {
  const text = read(page);
  return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: match[1]!,
  }));
}

describe('recipes in the documentation', () => {
  const pages = ['README.md', ...filesIn('docs/', '.md')];
  const found = pages.flatMap((page) => blocks(page).map((block) => ({ ...block, where: `${page}:${block.line}` })));

  it('are found', () => {
    expect(found.length).toBeGreaterThan(10);
  });

  it.each(found)('$where parses', ({ where, text }) => {
    const given = parse(text) as Record<string, unknown>;
    const whole = 'data' in given && 'student' in given;
    expect(() => parsePlan(whole ? given : { ...rest, ...given }, where)).not.toThrow();
  });
});

describe('recipes under examples/', () => {
  it.each(filesIn('examples/', '.yaml'))('%s parses', (path) => {
    expect(() => parsePlanText(read(path), path)).not.toThrow();
  });
});
