// @ts-check
// The other end of contestant.mjs, for contestants in JavaScript.
import { createInterface } from 'node:readline';

/** @param {object} value */
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Says that it is ready and answers until there are no more questions.
 * @param {() => Promise<{ about: import('./contestant.mjs').About, run(steps: number): Promise<import('./contestant.mjs').Turn> }>} open
 */
export async function answer(open) {
  try {
    const { about, run } = await open();
    say(about);
    for await (const line of createInterface({ input: process.stdin })) {
      const [word, count] = line.split(' ');
      if (word === 'run') say(await run(Number(count)));
      else say({ peak: process.resourceUsage().maxRSS * 1024 });
    }
    process.exit(0);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    say(missing ? { missing: messageOf(error) } : { error: messageOf(error) });
    process.exit(1);
  }
}
