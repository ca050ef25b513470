import type { RunRecord } from '../../run/record.ts';
import { html, printable } from '../html.ts';
import type { Section } from '../section.ts';

export const reproduce: Section = {
  id: 'reproduce',
  name: 'Reproduce',
  title: 'Run it again',
  render: ({ results, recipe }: RunRecord) => {
    const link = `data:text/yaml;charset=utf-8,${encodeURIComponent(printable(recipe))}`;
    return html`<p>Save the recipe, which names every option and seed, and run it with the same version:</p>
<pre tabindex="0" aria-label="Command"><code>npx potstill@${results.potstill} run recipe.yaml</code></pre>
<p>The same recipe on the same machine and runtime gives the same student; latencies vary, and another processor may round differently.</p>
<p><a class="button" download="recipe.yaml" href="${link}">Download recipe.yaml</a></p>
<pre class="recipe" tabindex="0" aria-label="Recipe"><code>${recipe}</code></pre>`;
  },
};
