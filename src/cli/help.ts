import type { AnyCommand } from './command.ts';
import { helpOption } from './command.ts';

/** Narrow enough for every terminal and for pasting into a message. */
const width = 92;

/** Help for the whole program. */
export function renderOverview(commands: readonly { readonly name: string; readonly summary: string }[]): string {
  return sections([
    ['', wrap('Potstill distils a large model into a small ONNX student, and measures whether that helped.', '')],
    ['Usage', ['  potstill <command> [options]']],
    ['Commands', columns(commands.map(({ name, summary }) => [name, summary]))],
    [
      'Start here',
      columns([
        ['potstill demo', 'the whole way in about two minutes, with nothing to download'],
        ['potstill run recipe.yaml', 'your own data and teacher'],
        ['potstill run --help', 'a recipe to start from; every command explains itself like this'],
      ]),
    ],
    ['Exit codes', columns(exitCodes)],
  ]);
}

const exitCodes = [
  ['0', 'all went well'],
  ['2', 'something in the recipe, the data, the model or the command line is wrong; the message says what'],
  ['3', 'the machine could not do it: disk, permissions, the engine'],
  ['70', 'a defect of Potstill'],
  ['130', 'stopped with Ctrl-C; the run can be resumed'],
] as const;

/** Help for one command. */
export function renderHelp(command: AnyCommand): string {
  const { name, description, parameters, examples } = command;
  const shape = parameters.map((p) => (p.optional ? `[${p.name}]` : `<${p.name}>`)).join(' ');
  const options = Object.entries({ ...command.options, help: helpOption }).map(([option, o]) => {
    const short = o.short ? `-${o.short}, ` : '    ';
    const value = o.placeholder === null ? '' : ` <${o.placeholder}>`;
    return [`${short}--${option}${value}`, o.fallback ? `${o.summary} (default: ${o.fallback})` : o.summary] as const;
  });
  return sections([
    ['Usage', [`  potstill ${[name, shape, '[options]'].filter(Boolean).join(' ')}`]],
    ['', description.split('\n').flatMap((text) => (text.startsWith('  ') ? [text] : wrap(text, '')))],
    ...(parameters.length > 0
      ? [['Arguments', columns(parameters.map((p) => [p.name, p.summary]))] as [string, readonly string[]]]
      : []),
    ['Options', columns(options)],
    ['Examples', examples.flatMap(({ line, what }) => [`  ${line}`, ...wrap(what, '      ')])],
  ]);
}

const sections = (parts: readonly (readonly [string, readonly string[]])[]): string =>
  `${parts.map(([title, lines]) => [...(title ? [title] : []), ...lines].join('\n')).join('\n\n')}\n`;

/** Two columns; where the first is long, the second starts on a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length)));
  const indent = ' '.repeat(left + 4);
  return rows.flatMap(([name, words]) => {
    const [first = '', ...more] = wrap(words, indent);
    return name.length > left ? [`  ${name}`, first, ...more] : [`  ${name.padEnd(left)}  ${first.trimStart()}`, ...more];
  });
}

function wrap(words: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of words.split(' ')) {
    if (line.length + word.length > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
