import { z } from 'zod';
import { DataError } from '../error.ts';
import type { Random } from '../random.ts';
import { tokenCounts } from '../text/token-counts.ts';
import { defineAugmentation } from './define.ts';

export const maskTokens = defineAugmentation({
  kind: 'mask-tokens',
  summary: 'Hides some tokens of a text, others in every epoch, for losses that guess them (Devlin et al. 2019, section 3.1).',
  options: z.strictObject({
    kind: z.literal('mask-tokens'),
    share: z.number().gt(0).max(0.2).default(0.15).describe('Part of the tokens of a text that is to be guessed; at least one'),
    hidden: z.number().min(0).max(1).default(0.8).describe('Part of those that the mask token stands for'),
    replaced: z.number().min(0).max(1).default(0.1).describe('Part of those that become another token by chance; the rest stays'),
    emphasis: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Picks rare tokens more often: chance ∝ 1 / count^emphasis in the train split; DistilBERT has 0.7'),
  }),
  prepare({ share, hidden, replaced, emphasis }, { example, train }) {
    if (example.layout !== 'tokens' || example.text.special.mask === null) {
      throw new DataError({
        where: 'augment mask-tokens',
        found: example.layout === 'tokens' ? 'a tokenizer without a mask token' : 'examples that are no texts',
        expected: 'texts whose tokenizer has a mask token',
        fix: 'take it out of the recipe, or take another tokenizer',
      });
    }
    const { special, vocabulary } = example.text;
    const mask = special.mask!;
    const untouched = new Set(Object.values(special));
    const ordinary = Uint32Array.from({ length: vocabulary }, (_, id) => id).filter((id) => !untouched.has(id));
    // XLM's smoothing (Lample and Conneau 2019, arXiv 1901.07291), as DistilBERT has it.
    const chances = emphasis === 0 ? null : tokenCounts(train).map((n) => Math.max(n, 1) ** -emphasis);
    return {
      varies: true,
      rows: 2,
      apply({ x, size, length }, random) {
        const columns = length!;
        for (let i = 0; i < size; i++) {
          const at = i * 4 * columns;
          const [ids, texts, places, answers] = [0, 1, 2, 3].map((row) =>
            x.subarray(at + row * columns, at + (row + 1) * columns),
          ) as [Float32Array, Float32Array, Float32Array, Float32Array];
          const open = Array.from(ids.keys()).filter((c) => texts[c]! > 0 && !untouched.has(ids[c]!));
          const count = Math.min(open.length, Math.max(1, Math.floor(share * open.length)));
          const chosen = picked(open, count, (c) => chances?.[ids[c]!] ?? 1, random).sort((a, b) => a - b);
          chosen.forEach((c, k) => {
            // Counted from 1: 0 is no place.
            places[k] = c + 1;
            answers[k] = ids[c]!;
            const fate = random.uniform();
            if (fate < hidden) ids[c] = mask;
            else if (fate < hidden + replaced) ids[c] = ordinary[random.integer(ordinary.length)]!;
          });
        }
      },
    };
  },
});

/** Some of a list without repetition, each as likely as its weight says: the largest keys u^(1/w), Efraimidis and Spirakis 2006. */
function picked(list: readonly number[], count: number, weight: (item: number) => number, random: Random): number[] {
  const keyed = list.map((item) => ({ item, key: Math.log(Math.max(random.uniform(), 1e-12)) / weight(item) }));
  return keyed
    .sort((a, b) => b.key - a.key || a.item - b.item)
    .slice(0, count)
    .map(({ item }) => item);
}
