// Writes docs/methods.md from the lists in the code; `--check` says whether it is up to date. Runs on the build.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { catalogueMarkdown } from './docs/catalogue.mjs';

const path = new URL('../docs/methods.md', import.meta.url);
const text = await catalogueMarkdown();
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write('docs/methods.md: not what the code says; run `npm run docs`\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}
