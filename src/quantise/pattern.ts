import { OnnxError } from '../onnx/error.ts';

/**
 * Tells which names are meant by patterns in which `*` stands for any characters.
 *
 * @throws OnnxError for a pattern that means none of the names.
 */
export function matcher(patterns: readonly string[], names: readonly string[], source: string): (name: string) => boolean {
  const tests = patterns.map((p) => new RegExp(`^${p.split('*').map(escaped).join('.*')}$`, 's'));
  tests.forEach((test, i) => {
    if (names.some((name) => test.test(name))) return;
    throw new OnnxError(
      'unsupported',
      `${source}: no node is called '${patterns[i]}'; expected names of nodes, such as '${names.slice(0, 3).join("', '")}'`,
    );
  });
  return (name) => tests.some((test) => test.test(name));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
