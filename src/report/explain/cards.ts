import type { Shown } from '../../explain/knowledge.ts';
import { clipped, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { picture, row } from '../pictured.ts';

/** Examples with what the teacher holds them for; null where there are none. */
export function renderCards(examples: readonly Shown[], split: string): Markup | null {
  if (examples.length === 0) return null;
  return html`<div class="examples">${examples.map((example) => card(example, split))}</div>`;
}

function card({ index, picture: source, row: values, label, guesses }: Shown, split: string): Markup {
  const name = label ?? 'no label';
  const lines = guesses.map(
    (guess) =>
      html`<tr><th scope="row" title="${guess.label}">${clipped(guess.label, 22)}</th><td class="${guess.label === label && 'hit'}">${chance(guess.probability)}${guess.label === label && ' ✓'}</td></tr>`,
  );
  return html`<article><header>${picture(source, `${split} example ${index}: ${clipped(name, 40)}`)}<h3>${clipped(name, 40)}<small>${label === null ? '' : 'the label, '}${split} example ${index}</small></h3></header>${row(values)}<table><tbody>${lines}</tbody></table></article>`;
}

// Neither certain nor impossible just by rounding.
function chance(probability: number): string {
  if (probability > 0.999 && probability < 1) return '> 99.9 %';
  if (probability > 0 && probability < 0.001) return '< 0.1 %';
  return `${fixed(probability * 100, 1)} %`;
}
