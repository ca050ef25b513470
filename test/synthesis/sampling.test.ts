import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { random } from '../../src/data/random.ts';
import { readPieces } from '../../src/data/text/piece-file.ts';
import { wordPieceJson } from '../../src/data/text/word-piece.ts';
import { sampleTexts } from '../../src/run/sample-texts.ts';
import { blockTexts, openTextWriter } from '../../src/run/text-writer.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { chances, drawn } from '../../src/synthesis/sample/chances.ts';
import { type NextTokens, writeOn } from '../../src/synthesis/sample/sequences.ts';
import { openDecoder } from '../../src/teachers/decoder.ts';

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());
const folder = mkdtempSync(join(tmpdir(), 'sampling-'));
const fixture = (name: string): string => new URL(`../fixtures/onnx/${name}.onnx`, import.meta.url).pathname;

const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 30 });
const sum = (p: Iterable<number>): number => [...p].reduce((a, b) => a + b, 0);

describe('chances', () => {
  it('are the softmax where nothing is cut', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0.3, max: 3, noNaN: true }), (row, temperature) => {
        const e = row.map((v) => Math.exp(v / temperature));
        const p = chances(row, { temperature });
        p.forEach((v, i) => void expect(v).toBeCloseTo(e[i]! / sum(e), 9));
      }),
    );
  });

  it('are those of the likeliest token at temperature 0, and near it at a low one', () => {
    fc.assert(
      fc.property(logits, (row) => {
        const top = row.indexOf(Math.max(...row));
        expect(chances(row, { temperature: 0 })[top]).toBe(1);
        const spread = [...row].sort((a, b) => b - a);
        fc.pre(spread[0]! - spread[1]! > 0.01);
        expect(chances(row, { temperature: 1e-4 })[top]).toBeGreaterThan(1 - 1e-9);
      }),
    );
  });

  it('keep exactly the k largest, in proportion', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 30 }), (row, k) => {
        const [all, some] = [chances(row, { temperature: 1 }), chances(row, { temperature: 1, topK: k })];
        const kept = [...some.keys()].filter((i) => some[i]! > 0);
        expect(kept).toHaveLength(Math.min(k, row.length));
        const least = Math.min(...kept.map((i) => all[i]!));
        for (const i of all.keys()) if (!kept.includes(i)) expect(all[i]!).toBeLessThanOrEqual(least);
        const mass = sum(kept.map((i) => all[i]!));
        for (const i of kept) expect(some[i]).toBeCloseTo(all[i]! / mass, 9);
      }),
    );
  });

  it('keep the fewest that have a share together', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0.05, max: 0.99, noNaN: true }), (row, topP) => {
        const [all, some] = [chances(row, { temperature: 1 }), chances(row, { temperature: 1, topP })];
        const kept = [...all].filter((_, i) => some[i]! > 0);
        expect(sum(kept)).toBeGreaterThan(topP - 1e-9);
        expect(sum(kept) - Math.min(...kept)).toBeLessThan(topP + 1e-9);
        expect(Math.min(...kept)).toBeGreaterThanOrEqual(Math.max(0, ...[...all].filter((_, i) => some[i] === 0)));
        expect(sum(some)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('cut to k first, and to a share of what is left then', () => {
    const row = [0.4, 0.3, 0.2, 0.1].map(Math.log);
    const p = chances(row, { temperature: 1, topK: 2, topP: 0.55 });
    expect([...p]).toEqual([1, 0, 0, 0]);
    expect([...chances(row, { temperature: 1, topP: 0.55 })].filter((v) => v > 0)).toHaveLength(2);
  });

  it('are what is drawn', () => {
    const p = Float64Array.of(0.2, 0, 0.5, 0.3);
    const draws = random(1, 'test');
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[drawn(p, draws.uniform())]!++;
    counts.forEach((n, i) => void expect(Math.abs(n / 20_000 - p[i]!)).toBeLessThan(0.015));
    expect(counts[1]).toBe(0);
    expect(drawn(Float64Array.of(0.5, 0.4999999, 0), 0.99999999)).toBe(1);
  });
});

describe('writing on', () => {
  /** What follows depends on the last two tokens. */
  const next: NextTokens = async (texts) => {
    const V = 7;
    const rows = texts.map((ids) =>
      Array.from({ length: V }, (_, v) => Math.sin(3 * ids.at(-1)! + 5 * (ids.at(-2) ?? 0) + 11 * v)),
    );
    return { logits: Float32Array.from(rows.flat()), V };
  };
  const starts = Array.from({ length: 12 }, (_, index) => ({ index, ids: [1 + (index % 3)] }));
  const options = { temperature: 0.7, seed: 5, longest: 10, stops: new Set([0]) };

  it('gives the same texts however many are written at once', async () => {
    const all = await writeOn(next, starts, options);
    const single = await Promise.all(starts.map((start) => writeOn(next, [start], options)));
    expect(single.flat()).toEqual(all);
    const other = await writeOn(next, starts, { ...options, seed: 6 });
    expect(other).not.toEqual(all);
    expect(all.every((ids, i) => ids[0] === starts[i]!.ids[0] && !ids.includes(0) && ids.length <= 10)).toBe(true);
    expect(all.some((ids) => ids.length < 10)).toBe(true);
    expect(all.some((ids) => ids.length === 10)).toBe(true);
  });

  it('is greedy at temperature 0', async () => {
    const [ids] = await writeOn(next, [{ index: 3, ids: [2] }], { ...options, temperature: 0, stops: new Set() });
    for (let i = 1; i < ids!.length; i++) {
      const { logits: row } = await next([ids!.slice(0, i)]);
      expect(ids![i]).toBe(row.indexOf(Math.max(...row)));
    }
  });
});

describe('a language model from a file', () => {
  it('says what follows each text, whatever stands beside it', async () => {
    const decoder = await openDecoder(loadModelFile(fixture('gpt-14')), runtime, 12);
    const texts = [[3, 4, 5], [7], [9, 1, 2, 8, 6, 6, 1]];
    const { logits: all, V } = await decoder.next(texts);
    expect([V, all.length]).toEqual([decoder.vocabulary, 3 * V]);
    for (const [row, ids] of texts.entries()) {
      const { logits: alone } = await decoder.next([ids]);
      alone.forEach((v, i) => void expect(Math.abs(v - all[row * V + i]!)).toBeLessThan(1e-5));
    }
    const starts = Array.from({ length: 9 }, (_, index) => ({ index, ids: [index] }));
    const options = { temperature: 1, topP: 0.9, seed: 1, longest: 12, stops: new Set<number>() };
    const together = await writeOn(decoder.next, starts, options);
    const three = [];
    for (let i = 0; i < 9; i += 4) three.push(...(await writeOn(decoder.next, starts.slice(i, i + 4), options)));
    expect(three).toEqual(together);
    await decoder.release();
  });

  it.each([
    ['bert-17', 'expected logits of the vocabulary at each place'],
    ['masked-lm-17', 'changes with what follows'],
  ])('is refused where it continues nothing: %s', async (name, message) => {
    await expect(openDecoder(loadModelFile(fixture(name)), runtime, 8)).rejects.toThrow(message);
  });

  it('is refused for texts that it cannot take', async () => {
    await expect(openDecoder(loadModelFile(fixture('gpt-14')), runtime, 4000)).rejects.toThrow(
      'does not run with texts of 4000 tokens',
    );
  });
});

/** As many words as the model has ids; 0 … 4 are special. */
const pieces = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  ...Array.from({ length: 45 }, (_, i) => `w${String.fromCharCode(97 + (i % 26))}${i}`),
];
const vocabulary = join(folder, 'tokenizer.json');
writeFileSync(vocabulary, JSON.stringify(wordPieceJson(pieces, true)));
const spec = {
  model: fixture('gpt-14'),
  tokenizer: vocabulary,
  tokens: 10,
  temperature: 1,
  prompts: [] as string[],
  seed: 1,
};

describe('sampled texts', () => {
  it('are the same bytes after an interruption', async () => {
    const [whole, resumed] = [join(folder, 'whole.jsonl'), join(folder, 'resumed.jsonl')];
    const size = 2 * blockTexts + 5;
    const seen: number[] = [];
    await sampleTexts(spec, size, whole, { runtime, empty: ['label'], progress: (done) => seen.push(done) });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(size);
    const lines = readFileSync(whole, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(size);
    const first = JSON.parse(lines[0]!) as { text: string; label: string };
    expect(first.label).toBe('');
    expect(first.text).toMatch(/^w[a-z]\d+( w[a-z]\d+)*/);
    // Stopped within a line, by way of a first block that is there.
    const stop = new Error('stop');
    const progress = () => {
      throw stop;
    };
    await expect(sampleTexts(spec, size, resumed, { runtime, empty: ['label'], progress })).rejects.toBe(stop);
    const part = `${resumed}.unfinished`;
    writeFileSync(part, `${readFileSync(part, 'utf8')}["half of a bl`);
    await sampleTexts(spec, size, resumed, { runtime, empty: ['label'], column: 'text' });
    expect(readFileSync(resumed)).toEqual(readFileSync(whole));
    expect(existsSync(part)).toBe(false);
    await expect(sampleTexts(spec, size, whole, { runtime })).rejects.toThrow('is there already');
  });

  it('begin with prompts by turns', async () => {
    const writer = await openTextWriter({ ...spec, prompts: ['wa0 wb1', 'wc2'] }, runtime);
    const texts = await writer.block(0);
    expect(texts.every((text, i) => text.startsWith(i % 2 === 0 ? 'wa0 wb1' : 'wc2'))).toBe(true);
    expect(new Set(texts).size).toBeGreaterThan(blockTexts / 2);
    await writer.release();
  });

  it('need a tokenizer and prompts that fit', async () => {
    await expect(openTextWriter({ ...spec, prompts: ['wa0 wb1 wc2'], tokens: 3 }, runtime)).rejects.toThrow(
      "prompts: found 4 tokens in 'wa0 wb1 wc2'; expected fewer than the 3 of a whole text",
    );
    const larger = join(folder, 'larger.json');
    writeFileSync(larger, JSON.stringify(wordPieceJson([...pieces, 'more'], true)));
    await expect(openTextWriter({ ...spec, tokenizer: larger }, runtime)).rejects.toThrow('gives ids up to 50, and');
  });
});

describe('pieces of llama2.c', () => {
  /** Bytes of a file with these pieces behind those of single bytes, each better than the next. */
  const file = (more: readonly string[], start: readonly string[] = ['<unk>', '\n<s>\n', '\n</s>\n']): Buffer => {
    const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`);
    const parts = [...start, ...bytes, ...more].map((piece, i) => {
      const text = Buffer.from(piece);
      const head = Buffer.alloc(8);
      head.writeFloatLE(-i, 0);
      head.writeInt32LE(text.length, 4);
      return Buffer.concat([head, text]);
    });
    return Buffer.concat([Buffer.from([9, 0, 0, 0]), ...parts]);
  };
  const path = join(folder, 'pieces.bin');

  it('are joined by their scores and turned back, bytes included', async () => {
    writeFileSync(path, file(['ab', 'bc', ' ', 'a', 'b', 'c', ' ab']));
    const { encode, decode, vocabulary } = await readPieces(path);
    expect(vocabulary).toBe(266);
    expect(encode('abc')).toEqual([265, 264]);
    expect(encode('bc')).toEqual([261, 260]);
    for (const text of ['abc cab', 'é b', 'a\nb']) expect(decode([1, ...encode(text), 2])).toBe(text);
  });

  it('are refused where they are something else', async () => {
    for (const bytes of [Buffer.from('hello, this is no tokenizer'), file([]).subarray(0, 200), file([], ['a'])]) {
      writeFileSync(path, bytes);
      await expect(readPieces(path)).rejects.toThrow('expected a tokenizer file of llama2.c');
    }
  });
});
