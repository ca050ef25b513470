import { clipped, counted } from './format.ts';
import { html, type Markup } from './html.ts';

const columnsShown = 8;
/** Characters of a value; an example that is a text or a pair of texts has more room. */
const mostOf = (columns: number): number => (columns <= 2 ? 280 : 60);
const pictureUri = /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$/;

/** Whether a page may show it. */
export const isPicture = (source: string): boolean => pictureUri.test(source);

/** The picture of an example; null where it is none, or nothing that a page may show. */
export function picture(source: string | null, says: string): Markup | null {
  if (source === null || !isPicture(source)) return null;
  return html`<img src="${source}" alt="${says}">`;
}

/** The first columns of an example that is a row of a table. */
export function row(values: Readonly<Record<string, string | number>> | null): Markup | null {
  if (values === null) return null;
  const entries = Object.entries(values);
  const left = entries.length - columnsShown;
  const pairs = entries
    .slice(0, columnsShown)
    .map(
      ([name, value]) => html`<div><dt>${clipped(name, 24)}</dt><dd>${clipped(plain(value), mostOf(entries.length))}</dd></div>`,
    );
  return html`<dl>${pairs}</dl>${left > 0 && html`<p class="note">and ${counted(left, 'more column')}</p>`}`;
}

// Seven digits are what a float32 holds; the rest is noise of the conversion.
function plain(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(7))) : value;
}
