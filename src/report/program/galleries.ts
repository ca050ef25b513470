import type { Gallery, GalleryRow, Shown } from '../../programs/record.ts';
import { clipped, counted, decimalsFor, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { more, table } from '../parts.ts';
import { isPicture } from '../pictured.ts';

/** Rows of a gallery that are seen at once; the rest opens on demand. */
const rowsShown = 20;
const columnsShown = 8;
/** Characters of a text. */
const longest = 400;

type Of<K extends Shown['kind']> = Extract<Shown, { kind: K }>;

interface Place {
  /** Unique on the page. */
  readonly id: string;
  /** What is seen, for those who cannot see it. */
  readonly says: string;
  readonly pictures: Readonly<Record<string, string>>;
}

/** Galleries one after another. @param pictures Sheets as data URIs, by their path. */
export const renderGalleries = (galleries: readonly Gallery[], pictures: Readonly<Record<string, string>>): Markup =>
  html`${galleries.map((gallery, i) => renderGallery(gallery, `gallery-${i}`, pictures))}`;

function renderGallery({ title, note, rows }: Gallery, id: string, pictures: Place['pictures']): Markup {
  const drawn = rows.map((row, i) => renderRow(row, { id: `${id}-${i}`, says: `${title}, ${row.name}`, pictures }));
  const rest = drawn.slice(rowsShown);
  return html`<h3>${title}</h3>${note !== undefined && html`<p>${note}</p>`}<div class="gallery">${drawn.slice(0, rowsShown)}</div>${
    rest.length > 0 && more(counted(rest.length, 'more row'), html`<div class="gallery">${rest}</div>`)
  }`;
}

const renderRow = ({ name, shown }: GalleryRow, place: Place): Markup =>
  html`<div class="made"><h4>${clipped(name, 40)}</h4>${shown ? drawn(shown, place) : html`<p class="note">none</p>`}</div>`;

const drawn = <K extends Shown['kind']>(shown: Of<K>, place: Place): Markup => drawings[shown.kind as K](shown, place);

const drawings: { readonly [K in Shown['kind']]: (shown: Of<K>, place: Place) => Markup } = {
  pictures: drawPictures,
  values: drawValues,
  texts: ({ texts, captions }) =>
    html`<ul class="texts">${texts.map((text, i) => html`<li>${clipped(text, longest)}<small>${captions[i] ?? ''}</small></li>`)}</ul>`,
};

/** Pixels of the screen: small pictures are shown a whole number of times as large, large ones smaller. */
function sizeOf(width: number, height: number): { readonly width: number; readonly height: number; readonly enlarged: boolean } {
  const largest = Math.max(width, height, 1);
  const enlarged = largest <= 64;
  const scale = enlarged ? Math.floor(64 / largest) : Math.min(1, 96 / largest);
  return { width: Math.round(width * scale), height: Math.round(height * scale), enlarged };
}

/** The sheet is in the page once; each picture is a window on it. */
function drawPictures({ sheet, width, height, captions }: Of<'pictures'>, { id, says, pictures }: Place): Markup {
  const source = pictures[sheet] ?? '';
  if (!isPicture(source)) return html`<p class="note">${sheet} is not there.</p>`;
  const size = sizeOf(width, height);
  const tiles = captions.map(
    (caption, i) =>
      html`<li style="width:${Math.max(56, size.width)}px"><svg role="img" aria-label="${says}: ${caption}" viewBox="${i * width} 0 ${width} ${height}" width="${size.width}" height="${size.height}"${
        size.enlarged && html` class="enlarged"`
      }><use href="#${id}"/></svg><small>${unbroken(clipped(caption, 40))}</small></li>`,
  );
  return html`<div><svg class="sheet" aria-hidden="true" width="0" height="0"><defs><image id="${id}" href="${source}" width="${captions.length * width}" height="${height}" preserveAspectRatio="none"/></defs></svg><ul class="tiles">${tiles}</ul></div>`;
}

// A percent sign at the start of a line reads like a mistake.
const unbroken = (text: string): string => text.replaceAll(' %', '\u00a0%');

function drawValues({ columns, values, captions }: Of<'values'>, { says }: Place): Markup {
  const left = columns.length - columnsShown;
  const head = html`<tr><th scope="col"></th>${columns.slice(0, columnsShown).map((c) => html`<th scope="col">${clipped(c, 24)}</th>`)}</tr>`;
  const body = values.map(
    (row, i) =>
      html`<tr><th scope="row">${captions[i] ?? ''}</th>${row.slice(0, columnsShown).map((v) => html`<td>${valueText(v)}</td>`)}</tr>`,
  );
  return html`<div>${table(says, head, html`<tbody>${body}</tbody>`, 'plain')}${left > 0 && html`<p class="note">and ${counted(left, 'more column')}</p>`}</div>`;
}

const valueText = (value: string | number): string =>
  typeof value === 'string' ? clipped(value, 40) : fixed(value, Number.isInteger(value) ? 0 : decimalsFor(value));
