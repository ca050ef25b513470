// Writes what the docs take from the code and from committed results: docs/methods.md and the table of the README. Runs on the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogueMarkdown } from './docs/catalogue.mjs';
import { between } from './docs/markers.mjs';
import { measuredMarkdown } from './docs/measured.mjs';

const readme = new URL('../README.md', import.meta.url);
writeFileSync(new URL('../docs/methods.md', import.meta.url), await catalogueMarkdown());
writeFileSync(readme, between(readFileSync(readme, 'utf8'), 'measured', measuredMarkdown()));
