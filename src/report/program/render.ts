import type { ProgramResults, Table } from '../../programs/record.ts';
import { counted, duration, fixed } from '../format.ts';
import { html, type Markup, printable } from '../html.ts';
import { labelOf } from '../metrics.ts';
import { type Part, renderPage } from '../page.ts';
import { chart, facts, table } from '../parts.ts';
import { responsive } from '../plot.ts';
import { renderGalleries } from './galleries.ts';
import { isDrawn, legendOf, linesChart } from './lines.ts';
import { cellText } from './units.ts';

/**
 * The report of a program as one HTML file without scripts and without a network; the same results give the same bytes.
 * @param pictures Those of the galleries as `data:image/png;base64,…`, by their place in the program's folder.
 */
export function renderProgram(results: ProgramResults, recipe: string, pictures: Readonly<Record<string, string>> = {}): string {
  const { name, program, potstill, sentence, charts, galleries = [], tables, notes, parts } = results;
  const chapters: (Part | null)[] = [
    charts.some(isDrawn)
      ? {
          id: 'charts',
          name: 'Charts',
          title: 'How it went',
          content: html`${charts.filter(isDrawn).map((c) =>
            chart(
              html`${c.title}${legendOf(c)}`,
              responsive((width) => linesChart(c, width)),
              c.note ?? null,
            ),
          )}`,
        }
      : null,
    galleries.length > 0
      ? { id: 'gallery', name: 'Gallery', title: 'What was made up', content: renderGalleries(galleries, pictures) }
      : null,
    {
      id: 'numbers',
      name: 'Numbers',
      title: 'Numbers',
      content: html`${tables.map(renderTable)}<p class="note">± is the standard deviation over seeds.</p>`,
    },
    notes.length > 0
      ? {
          id: 'notes',
          name: 'Notes',
          title: 'Notes',
          content: html`<ul class="notes">${notes.map((n) => html`<li>${n}</li>`)}</ul>`,
        }
      : null,
    parts.length > 0
      ? {
          id: 'parts',
          name: 'Parts',
          title: 'Runs it was made of',
          content: html`<ul class="notes">${parts.map((p) => html`<li><a href="${encodeURI(p.path)}/report.html">${p.name}</a> ${p.sentence}</li>`)}</ul>`,
        }
      : null,
    { id: 'environment', name: 'Environment', title: 'Data and environment', content: environment(results) },
    { id: 'reproduce', name: 'Reproduce', title: 'Run it again', content: reproduce(potstill, recipe) },
  ];
  return renderPage({
    title: `${name} · ${program} · Potstill`,
    description: sentence,
    header: header(results),
    parts: chapters.filter((c) => c !== null),
    madeBy: potstill,
  });
}

function header({ name, program, data, sentence, figures }: ProgramResults): Markup {
  const about = [name, program, ...(data ? [data.name] : [])].map(
    (part, i) => html`${i > 0 && html` <span aria-hidden="true">·</span> `}${part}`,
  );
  const [first, rest] = parted(sentence);
  return html`<header class="verdict">
<p class="kicker">${about}</p>
<h1>${first}</h1>${rest !== '' && html`<p class="more">${rest}</p>`}
<ul class="figures">${figures.map(({ value, unit, words }) => html`<li><b>${cellText(value, unit)}</b><span>${words}</span></li>`)}</ul>
</header>`;
}

/** The first sentence, and what follows it. */
function parted(text: string): readonly [string, string] {
  const end = /[.;] (?=\p{Lu})/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + 2)] : [text, ''];
}

function renderTable({ title, note, columns, rows }: Table): Markup {
  const head = html`<tr><th scope="col"></th>${columns.map((c) => html`<th scope="col">${labelOf(c.title)}</th>`)}</tr>`;
  const body = rows.map(
    (row) =>
      html`<tr${row.control && html` class="control"`}><th scope="row">${row.name}</th>${row.cells.map((cell, i) => html`<td>${cellText(cell, columns[i]!.unit)}</td>`)}</tr>`,
  );
  return html`<h3>${title}</h3>${note !== undefined && html`<p>${note}</p>`}${table(title, head, html`<tbody>${body}</tbody>`, 'plain')}`;
}

function environment({ data, environment: host, seconds, potstill }: ProgramResults): Markup {
  return facts([
    ...(data
      ? ([
          ['Data', data.name],
          ['Examples', `${fixed(data.train, 0)} training, ${fixed(data.validation, 0)} validation, ${fixed(data.test, 0)} test`],
        ] as const)
      : []),
    ['Time', duration(seconds)],
    ['Potstill', potstill],
    ['ONNX Runtime', `${host.onnxruntime}, ${host.provider}, ${counted(host.threads, 'thread')}`],
    ['Node', host.node],
    ['Platform', host.platform],
    ['Processor', host.cpu],
  ]);
}

function reproduce(version: string, recipe: string): Markup {
  const link = `data:text/yaml;charset=utf-8,${encodeURIComponent(printable(recipe))}`;
  return html`<pre tabindex="0" aria-label="Command"><code>npx potstill@${version} run recipe.yaml</code></pre>
<p><a class="button" download="recipe.yaml" href="${link}">Download recipe.yaml</a></p>
<pre class="recipe" tabindex="0" aria-label="Recipe"><code>${recipe}</code></pre>`;
}
