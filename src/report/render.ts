import type { RunRecord } from '../run/record.ts';
import { renderPage } from './page.ts';
import type { Section } from './section.ts';
import { calibration } from './sections/calibration.ts';
import { classes } from './sections/classes.ts';
import { confusion } from './sections/confusion.ts';
import { controls } from './sections/controls.ts';
import { cost } from './sections/cost.ts';
import { curves } from './sections/curves.ts';
import { deployed } from './sections/deployed.ts';
import { disagreement } from './sections/disagreement.ts';
import { environment } from './sections/environment.ts';
import { examples } from './sections/examples.ts';
import { knowledge } from './sections/knowledge.ts';
import { notes } from './sections/notes.ts';
import { pull } from './sections/pull.ts';
import { reproduce } from './sections/reproduce.ts';
import { student } from './sections/student.ts';
import { renderVerdict } from './sections/verdict.ts';

const sections: readonly Section[] = [
  controls,
  notes,
  curves,
  pull,
  classes,
  confusion,
  calibration,
  knowledge,
  disagreement,
  cost,
  deployed,
  examples,
  student,
  environment,
  reproduce,
];

/** The report of a run as one HTML file without scripts and without a network; the same record gives the same bytes. */
export function renderReport(record: RunRecord): string {
  const { name, potstill, verdict } = record.results;
  return renderPage({
    title: `${name} · Potstill report`,
    description: verdict.sentence,
    header: renderVerdict(record),
    parts: sections.flatMap((section) => {
      const content = section.render(record);
      return content === null ? [] : [{ ...section, content }];
    }),
    madeBy: potstill,
  });
}
