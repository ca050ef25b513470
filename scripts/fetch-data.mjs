#!/usr/bin/env node
// npm run data [-- name…] [-- --to folder]: fetches public sets from their official hosts into ./data.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FetchError } from './fetch/download.mjs';
import { install } from './fetch/install.mjs';
import { sets } from './fetch/sets.mjs';

const help = `npm run data [-- name…] [-- --to folder]

Fetches public sets from their official hosts, checks them and puts them into ./data. Broken downloads are resumed.
Without names: mnist, fashion_mnist and cifar10, which the examples use.

${Object.entries(sets)
  .map(([name, { about, licence }]) => `  ${name.padEnd(20)}${about} (licence: ${licence})`)
  .join('\n')}`;

const usual = ['mnist', 'fashion_mnist', 'cifar10'];

/** @param {string[]} args */
async function main(args) {
  let options;
  try {
    options = parseArgs({
      args,
      allowPositionals: true,
      options: { to: { type: 'string', default: 'data' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${help}`);
    return 2;
  }
  if (options.values.help) {
    console.log(help);
    return 0;
  }
  const names = options.positionals.length > 0 ? options.positionals : usual;
  const unknown = names.filter((n) => !Object.hasOwn(sets, n));
  if (unknown.length > 0) {
    console.error(`no set called ${unknown.map((n) => `'${n}'`).join(', ')}; expected some of ${Object.keys(sets).join(', ')}`);
    return 2;
  }
  let failed = false;
  for (const name of names) {
    console.log(`${name}: ${sets[name].about}`);
    try {
      await install(sets[name], join(options.values.to, name), { say: (line) => console.log(`  ${line}`) });
    } catch (error) {
      failed = true;
      const system = /** @type {NodeJS.ErrnoException} */ (error);
      if (!(error instanceof FetchError) && system.code === undefined) throw error;
      console.error(`  ${system.message.replaceAll('\n', '\n  ')}\n  Run the same command again: what has come so far is kept.`);
    }
  }
  return failed ? 3 : 0;
}

process.exitCode = await main(process.argv.slice(2));
