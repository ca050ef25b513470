// Writes what the docs take from the code and from committed results: docs/methods.md, and the tables between markers. Runs on the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogueMarkdown } from './docs/catalogue.mjs';
import { dataFreeMarkdown } from './docs/data-free.mjs';
import { between } from './docs/markers.mjs';
import { measuredMarkdown } from './docs/measured.mjs';
import { objectivesMarkdown } from './docs/objectives.mjs';
import { programMarkdown, programsMarkdown, programsPage } from './docs/programs.mjs';
import { teachersPage } from './docs/teachers.mjs';

/** @param {string} path @param {string} text @param {string} [name] */
function fill(path, text, name = 'measured') {
  const page = new URL(`../${path}`, import.meta.url);
  writeFileSync(page, between(readFileSync(page, 'utf8'), name, text));
}

writeFileSync(new URL('../docs/methods.md', import.meta.url), await catalogueMarkdown());
fill('README.md', measuredMarkdown());
fill('README.md', programsMarkdown(), 'programs');
writeFileSync(new URL('../docs/programs-measured.md', import.meta.url), programsPage());
fill('docs/objectives.md', objectivesMarkdown());
fill('docs/data-free.md', await dataFreeMarkdown(), 'methods');
fill('docs/data-free.md', programMarkdown('data-free'));
const teachers = new URL('../docs/teachers.md', import.meta.url);
writeFileSync(teachers, teachersPage(readFileSync(teachers, 'utf8')));
