import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { StoppedError } from '../../src/run/error.ts';
import { potstill } from '../cli/stand-in.ts';
import { asked, calmHub, publish, startHub, stopHub } from '../data/hub-server.ts';
import { placeForRuns } from '../support/runs.ts';
import { writeTexts } from './text-set.ts';

const { root, folder, start } = placeForRuns('hub');
let endpoint: string;

beforeAll(async () => {
  endpoint = await startHub();
  writeTexts(root);
  publish('maker/bert', {
    'onnx/model.onnx': readFileSync(new URL('../fixtures/onnx/bert-17.onnx', import.meta.url)),
    'tokenizer.json': readFileSync(join(root, 'tokenizer', 'tokenizer.json')),
  });
});
afterAll(stopHub);

const recipe = {
  name: 'from the hub',
  data: { kind: 'text', path: join(root, 'texts.tsv'), label: 'label', length: 12, tokenizer: 'hf:maker/bert' },
  teacher: { kind: 'onnx', model: 'hf:maker/bert', inputs: { attention_mask: 'mask' } },
  student: { model: { kind: 'onnx', model: 'hf:maker/bert' } },
  losses: [{ kind: 'kd' }],
  training: { epochs: 1, batchSize: 16 },
  controls: { scratch: false },
  export: { int8: false },
};

test('tokenizer, teacher and student come from the Hub, once, and without a network from the cache', async () => {
  const hub = { cache: join(root, 'cache'), endpoint };
  const { results } = await start(recipe, { hub });
  expect(results.teacher!.model).toBe('bert');
  const fetched = asked.filter(({ url }) => url.endsWith('onnx/model.onnx') && url.includes('/resolve/'));
  expect(fetched.length).toBeGreaterThan(0);
  calmHub();
  // All is open when the first step would be taken.
  const again = start(recipe, { hub: { ...hub, offline: true }, signal: AbortSignal.abort() });
  await expect(again).rejects.toThrow(StoppedError);
  expect(asked).toEqual([]);
});

test('a program that does not allow the Hub is told how to', async () => {
  const { tokenizer: _, ...data } = recipe.data;
  const local = { ...recipe, data: { ...data, tokenizer: join(root, 'tokenizer') } };
  await expect(start({ ...local, student: { model: { kind: 'bag' } } })).rejects.toThrow("teacher.model: 'hf:maker/bert', and no folder for downloads; expected a cache for what comes from the Hub; pass `hub: { cache }`"); // biome-ignore format: one message
});

test('the command line takes the settings of the environment', async () => {
  Object.assign(process.env, { HF_ENDPOINT: endpoint, HF_HUB_CACHE: join(root, 'another'), HF_TOKEN: '' });
  const path = join(root, 'recipe.yaml');
  writeFileSync(path, stringify({ ...recipe, teacher: { kind: 'onnx', model: 'hf:maker/none' } }));
  const { code, stderr } = await potstill(['run', path, '--out', folder()]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('hf:maker/none: there is no such model') as string }); // biome-ignore format: one line
  expect(stderr).toContain('Fetching hf:maker/bert/onnx/model.onnx');
});
