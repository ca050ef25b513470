import { recipeJsonSchema } from '../../programs/parse.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../faults.ts';

export const schema = defineCommand({
  name: 'schema',
  description: [
    'Prints the JSON Schema (draft 2020-12) of recipes. Editors with a YAML language server complete and check a recipe whose first line names it:',
    '',
    '  # yaml-language-server: $schema=./recipe.schema.json',
  ].join('\n'),
  parameters: [],
  options: {},
  examples: [{ line: 'potstill schema > recipe.schema.json', what: 'Keeps the schema beside your recipes.' }],
  async run(_, io) {
    io.stdout.write(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
    return exit.good;
  },
});
