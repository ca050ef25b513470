/** Text that may stand in the page as it is. Only `html`, `join` and `trusted` make it, so nothing unescaped gets in by accident. */
export interface Markup {
  readonly markup: string;
}

export type Child = Markup | string | number | null | false | undefined | readonly Child[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

// Not allowed in HTML in any form, and Unicode's direction overrides, which would let a class name rearrange the text around it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** The text with characters that a page cannot show replaced by U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** Escaped for element content and for quoted attributes alike. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** A template whose holes are escaped unless they are markup; null, undefined and false leave nothing. */
export function html(strings: TemplateStringsArray, ...children: readonly Child[]): Markup {
  return { markup: strings.reduce((page, text, i) => page + written(children[i - 1]) + text) };
}

/** Takes a string for markup: only for what this package wrote itself or a library escaped. */
export function trusted(markup: string): Markup {
  return { markup };
}

function written(child: Child): string {
  if (child === null || child === undefined || child === false) return '';
  if (typeof child === 'string') return escapeHtml(child);
  if (typeof child === 'number') return String(child);
  if (isList(child)) return child.map(written).join('');
  return child.markup;
}

function isList(child: Markup | readonly Child[]): child is readonly Child[] {
  return Array.isArray(child);
}
