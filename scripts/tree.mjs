// What a look at the file tree can tell: sizes, names of folders and files, words that do not belong here.
// `node scripts/tree.mjs [root]`
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 500;
const WARN = 300;

const code = /\.(ts|mjs|js|py|sh|css)$/;
const text = /\.(ts|mjs|js|py|sh|css|json|ya?ml|md|html|txt|svg)$/;
const barrels = ['src/index.ts', 'src/ops/index.ts', 'src/methods/index.ts'];
const vague = /^(utils?|helpers?|common|misc|shared|lib)$/;

const words = [
  { where: /./, pattern: /(?<![\w.])\/(?:work|root|home|Users)\/[\w.-]+/, why: 'a path of one machine' },
  { where: /./, pattern: /\.\.\/shared\//, why: 'a folder outside the repository' },
  { where: /./, pattern: /\bsub-?agents?\b/i, why: 'the repository speaks of the product alone' },
  {
    where: /^(src|test|bench|examples|scripts)\//,
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b|\bnot implemented\b/i,
    why: 'unfinished work',
  },
  { where: /^src\//, pattern: /\bMath\.random\b/, why: 'randomness comes from src/data/random.ts' },
];

/** Files below `folder` as paths with forward slashes; what .gitignore lists for the root is skipped. */
function list(root) {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('/'))
    .map((line) => line.replaceAll('/', ''));
  const skip = new Set(['.git', ...ignored]);
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.name === 'node_modules' || (folder === root && skip.has(entry.name))) return [];
      if (entry.isDirectory()) return walk(path);
      return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
    });
  return walk(root).sort();
}

function inspect(root) {
  const problems = [];
  const large = [];
  const sizes = [];
  for (const path of list(root)) {
    const folders = path.split('/').slice(0, -1);
    const bad = folders.find((name) => vague.test(name));
    if (bad) problems.push(`${path}: a folder called '${bad}'; name the idea its files share`);
    if (basename(path) === 'index.ts' && path.startsWith('src/') && !barrels.includes(path)) {
      problems.push(`${path}: an index file; import the modules themselves (index files: ${barrels.join(', ')})`);
    }
    if (!text.test(path) || path === 'package-lock.json') continue;

    const content = readFileSync(join(root, path), 'utf8');
    const lines = content.split('\n');
    if (code.test(path)) {
      const size = lines.length - (content.endsWith('\n') ? 1 : 0);
      if (path.startsWith('src/') && !path.endsWith('.test.ts')) sizes.push(size);
      if (size > LIMIT) problems.push(`${path}: ${size} lines; at most ${LIMIT}; split it along an idea`);
      else if (size > WARN) large.push(`${path}: ${size} lines`);
    }
    for (const { where, pattern, why } of words) {
      if (!where.test(path) || path === 'scripts/tree.mjs') continue;
      lines.forEach((line, i) => {
        const found = pattern.exec(line);
        if (found) problems.push(`${path}:${i + 1}: '${found[0]}' (${why})`);
      });
    }
  }
  sizes.sort((a, b) => a - b);
  return { problems, large, sizes };
}

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const { problems, large, sizes } = inspect(root.endsWith(sep) ? root.slice(0, -1) : root);
const total = sizes.reduce((a, b) => a + b, 0);
console.log(`src: ${sizes.length} files, ${total} lines, median ${sizes[sizes.length >> 1] ?? 0}, largest ${sizes.at(-1) ?? 0}`);
for (const line of large) console.log(`note: ${line}; consider splitting at ${WARN}`);
for (const line of problems) console.error(`error: ${line}`);
process.exitCode = problems.length === 0 ? 0 : 1;
