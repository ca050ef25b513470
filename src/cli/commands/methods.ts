import { nearest } from '../../graph/nearest.ts';
import { catalogue } from '../catalogue.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';
import { flag } from '../option.ts';
import { renderEntry, renderTopics } from '../render/catalogue.ts';
import { UsageError } from '../usage-error.ts';

export const methods = defineCommand({
  name: 'methods',
  description:
    'Lists what a recipe can name: losses by family (targets, responses, features, relations, attention, self), what they are made with (layer-maps, schedules, temperatures, weightings, repairs), models, optimizers, data, augmentations and programs, and what distillation without data is made of (data-free, inputs, priors); each with the paper, what it needs and what to expect. With the name of a list or of an entry, shows its options and their defaults too.',
  parameters: [{ name: 'name', summary: 'A list (responses, features, weightings, models, …) or an entry (kd)', optional: true }],
  options: { json: flag('Print JSON') },
  examples: [
    { line: 'potstill methods', what: 'Everything.' },
    { line: 'potstill methods kd', what: 'One entry with its options.' },
    { line: 'potstill methods models --json', what: 'The architectures, for programs.' },
  ],
  async run({ words: [name], options }, io) {
    const topics = catalogue();
    const shown = name === undefined ? topics : find(topics, name);
    if (options.json) line(io.stdout, JSON.stringify(Object.fromEntries(shown.map((t) => [t.name, t.entries])), null, 2));
    else if (name === undefined) io.stdout.write(renderTopics(shown));
    else io.stdout.write(shown.flatMap((topic) => topic.entries.map((e) => renderEntry(e, topic))).join('\n'));
    return exit.good;
  },
});

type Topics = ReturnType<typeof catalogue>;

/** A whole list by its name, and the entries of that name in others. */
function find(topics: Topics, name: string): Topics {
  const found = topics
    .map((t) => (t.name === name ? t : { ...t, entries: t.entries.filter((e) => e.kind === name) }))
    .filter((t) => t.entries.length > 0);
  if (found.length > 0) return found;
  const names = topics.flatMap((t) => [t.name, ...t.entries.map((e) => e.kind)]);
  throw new UsageError(`name: found '${name}'; expected a list or an entry; did you mean ${nearest(name, names).join(', ')}?`);
}
