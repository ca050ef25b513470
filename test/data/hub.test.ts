import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HubOptions, type HubProgress, hubFromEnvironment } from '../../src/data/hub/options.ts';
import { parseHubReference } from '../../src/data/hub/reference.ts';
import { resolveFile, resolveModel, resolveTokenizer } from '../../src/data/hub/resolve.ts';
import { dataSchema, openData } from '../../src/data/sources.ts';
import { failure, folderWith } from './fixture.ts';
import { asked, COMMIT, calmHub, mischief, startHub, stopHub, tokenizer, weights } from './hub-server.ts';

let endpoint = '';
beforeAll(async () => {
  endpoint = await startHub();
});
afterAll(stopHub);
beforeEach(calmHub);

const places = (more: Partial<HubOptions> = {}) => ({ folder: '.', hub: { cache: folderWith({}), endpoint, ...more } });
const downloads = (): number => asked.filter(({ url, range }) => url.includes('/resolve/') && range !== 'bytes=0-0').length;
const DATA = 'onnx/model.onnx_data';

describe('a model of the Hub', () => {
  it('comes with its weights, its description and its tokenizer, once', async () => {
    const there = places();
    const path = await resolveModel('hf:maker/tiny', there, 'teacher.model');
    expect(path).toBe(join(there.hub.cache, 'models--maker--tiny', 'snapshots', COMMIT, 'onnx', 'model.onnx'));
    expect(readFileSync(path, 'utf8')).toBe('onnx graph');
    expect(readFileSync(`${path}_data`).equals(weights)).toBe(true);
    const folder = join(path, '..', '..');
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'onnx', 'tokenizer.json']);
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual(['model.onnx', 'model.onnx_data']);
    const first = downloads();
    expect(await resolveModel('hf://maker/tiny@main', there, '')).toBe(path);
    expect(downloads()).toBe(first);
    expect(asked.filter(({ url }) => url.includes('/tree/'))).toHaveLength(1);
  });

  it('may be named by its file and revision, and asks for nothing when the commit is known', async () => {
    const there = places();
    const path = await resolveModel(`hf:maker/tiny@${COMMIT}/onnx/model_fp16.onnx`, there, '');
    expect(readFileSync(path, 'utf8')).toBe('onnx graph in half');
    asked.length = 0;
    await resolveModel(`hf:maker/tiny@${COMMIT}/onnx/model_fp16.onnx`, there, '');
    expect(asked).toHaveLength(0);
  });

  it('tells how far it is', async () => {
    const seen: HubProgress[] = [];
    await resolveModel('hf:maker/tiny', places({ onProgress: (p) => seen.push(p) }), '');
    const data = seen.filter(({ path }) => path === DATA);
    expect(data.at(-1)).toEqual({ repository: 'hf:maker/tiny', path: DATA, done: weights.length, total: weights.length });
    expect(data.every(({ done }, i) => i === 0 || done > data[i - 1]!.done)).toBe(true);
  });

  it('may be empty in parts', async () => {
    expect(statSync(await resolveFile('hf:maker/tiny/empty', places(), '')).size).toBe(0);
  });

  it('is a path of this machine unless it begins with hf:', async () => {
    expect(await resolveModel('maker/tiny', { folder: '/data' }, '')).toBe(join('/data', 'maker/tiny'));
    expect((await failure(resolveModel('hf:maker/tiny', { folder: '/data' }, 'student.model'))).message).toMatch(
      /student\.model: 'hf:maker\/tiny', and no folder for downloads/,
    );
  });
});

describe('a connection that breaks', () => {
  it('goes on from where it broke', async () => {
    mischief.cuts = [50_000, 30_000];
    const path = await resolveModel('hf:maker/tiny', places(), '');
    expect(readFileSync(`${path}_data`).equals(weights)).toBe(true);
    const ranges = asked.filter(({ url, range }) => url.endsWith(DATA) && range !== 'bytes=0-0').map(({ range }) => range);
    expect(ranges).toHaveLength(3);
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d+-199999$/.test(range ?? ''))).toBe(true);
  });

  it('says how far it came, leaves no file under the real name, and goes on in the next run', async () => {
    const there = places();
    mischief.cuts = [50_000, 0, 0, 0, 0];
    const error = await failure(resolveModel('hf:maker/tiny', there, ''));
    expect(error.fault).toBe('environment');
    expect(error.message).toMatch(
      /^hf:maker\/tiny, onnx\/model\.onnx_data: the connection broke after [1-9]\d* of 200000 bytes .*run it again: what has been fetched is kept/,
    );
    const folder = join(there.hub.cache, 'models--maker--tiny', 'snapshots', COMMIT, 'onnx');
    expect(readdirSync(folder)).toEqual(['model.onnx_data.incomplete']);
    mischief.cuts = [];
    const path = await resolveModel('hf:maker/tiny', there, '');
    expect(readFileSync(`${path}_data`).equals(weights)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'model.onnx_data']);
  });

  it('starts again with a server that knows no ranges', async () => {
    mischief.cuts = [50_000];
    mischief.ignoresRanges = true;
    const path = await resolveModel('hf:maker/tiny', places(), '');
    expect(readFileSync(`${path}_data`).equals(weights)).toBe(true);
  });

  it('gives up on a server that knows no ranges and breaks every time', async () => {
    mischief.cuts = Array.from({ length: 20 }, () => 50_000);
    mischief.ignoresRanges = true;
    expect((await failure(resolveModel('hf:maker/tiny', places(), ''))).message).toMatch(
      /the connection broke|cannot be reached/,
    );
    expect(mischief.cuts.length).toBeGreaterThan(10);
  });

  it('never leaves a file whose content is not what the Hub lists', async () => {
    const there = places();
    mischief.corrupt = true;
    const error = await failure(resolveModel('hf:maker/tiny', there, ''));
    expect(error.message).toMatch(/a file with the hash [0-9a-f]+; expected [0-9a-f]+; run it again/);
    mischief.corrupt = false;
    expect(existsSync(await resolveModel('hf:maker/tiny', there, ''))).toBe(true);
  });
});

describe('without a network', () => {
  it('what was fetched once is found, and the rest is named', async () => {
    const there = places();
    const path = await resolveModel('hf:maker/tiny', there, '');
    const dead = 'http://127.0.0.1:9';
    for (const more of [{ offline: true }, { endpoint: dead }, { offline: true, endpoint: dead }]) {
      const other = { ...there, hub: { ...there.hub, ...more } };
      expect(await resolveModel('hf:maker/tiny', other, '')).toBe(path);
      const file = await failure(resolveFile('hf:maker/tiny/onnx/model_fp16.onnx', other, ''));
      expect(file.message).toMatch(/^hf:maker\/tiny, onnx\/model_fp16\.onnx: no network.* not in the cache/);
      const repository = await failure(resolveModel('hf:maker/two', other, ''));
      expect(repository.message).toMatch(/^hf:maker\/two: no network.* not in the cache/);
      expect([file.fault, repository.fault]).toEqual(['environment', 'environment']);
    }
  });

  it('a cache of Hugging Face’s own tools is used as it is', async () => {
    const cache = folderWith({
      'models--maker--old/refs/main': COMMIT,
      [`models--maker--old/snapshots/${COMMIT}/model.onnx`]: 'old',
      [`models--maker--old/snapshots/${COMMIT}/tokenizer.json`]: tokenizer,
    });
    for (const more of [{ offline: true }, { endpoint: 'http://127.0.0.1:9' }]) {
      const path = await resolveModel('hf:maker/old', { folder: '.', hub: { cache, ...more } }, '');
      expect(readFileSync(path, 'utf8')).toBe('old');
    }
  });

  it('half of a cache is not taken for the whole', async () => {
    const there = places();
    const path = await resolveModel('hf:maker/tiny', there, '');
    rmSync(`${path}_data`);
    const offline = { ...there, hub: { ...there.hub, offline: true } };
    expect((await failure(resolveModel('hf:maker/tiny', offline, ''))).message).toMatch(/model\.onnx_data: no network/);
    writeFileSync(`${path}_data`, weights.subarray(0, 100));
    expect((await failure(resolveModel('hf:maker/tiny', offline, ''))).message).toMatch(/model\.onnx_data: no network/);
    expect(readFileSync(`${await resolveModel('hf:maker/tiny', there, '')}_data`).equals(weights)).toBe(true);
  });
});

describe('what is wrong with a name', () => {
  const message = async (name: string, more: Partial<HubOptions> = {}): Promise<string> => {
    const error = await failure(resolveModel(name, places(more), 'teacher.model'));
    expect(error.fault).toBe('data');
    return error.message;
  };

  it.each<[string, RegExp]>([
    ['hf:maker/none', /^hf:maker\/none: there is no such model \(status 404\); .*check the name at http/],
    ['hf:maker/tiny@v9', /^hf:maker\/tiny@v9: there is no such model or revision/],
    ['hf:maker/two', /2 ONNX files: a\.onnx, b\.onnx; expected one of them to be named.*write hf:maker\/two\/a\.onnx/],
    ['hf:maker/torch', /no ONNX file in it.*weights in another format/],
    ['hf:maker/tiny/onnx/modle.onnx', /no onnx\/modle\.onnx in it; expected one of onnx\/model\.onnx/],
    ['hf:tiny', /^teacher\.model: 'hf:tiny'; expected hf:owner\/name/],
    ['hf:maker/tiny/../../x', /expected hf:owner\/name/],
  ])('%s', async (name, expected) => expect(await message(name)).toMatch(expected));

  it('a gated or private one needs a token that may read it', async () => {
    expect(await message('hf:maker/gated')).toMatch(/does not exist, is private, or is gated \(status 401\).*HF_TOKEN/);
    expect(await message('hf:maker/gated', { token: 'hf_other' })).toMatch(/may not read it \(status 403\).*accept the terms/);
    expect(await message('hf:maker/gated', { token: 'secret' })).toMatch(/a token that does not begin with hf_/);
    asked.length = 0;
    const path = await resolveModel('hf:maker/gated/a.onnx', places({ token: 'hf_good' }), '');
    expect(readFileSync(path, 'utf8')).toBe('a');
    expect(asked.every(({ token }) => token === 'Bearer hf_good')).toBe(true);
  });

  it('is read in all its forms', () => {
    expect(parseHubReference('hf:a/b', '')).toEqual({ type: 'model', name: 'a/b', revision: 'main', path: '' });
    expect(parseHubReference('hf://datasets/a/b.c@refs%2Fpr%2F1/x/y.csv', '')).toEqual({
      type: 'dataset',
      name: 'a/b.c',
      revision: 'refs/pr/1',
      path: 'x/y.csv',
    });
  });
});

describe('data and tokenizers of the Hub', () => {
  it('are used by name', async () => {
    const { hub } = places();
    const data = dataSchema.parse({
      kind: 'text',
      path: 'hf:datasets/maker/reviews/data/train.tsv',
      label: 'label',
      tokenizer: 'hf:maker/tiny',
      length: 32,
    });
    const { train, test } = await openData(data, { hub });
    expect(train.size + test.size).toBeGreaterThan(30);
    expect(train.example).toMatchObject({ text: { vocabulary: 33 } });
    const folder = await resolveTokenizer('hf:maker/tiny', { folder: '.', hub }, '');
    expect(await resolveTokenizer('hf:maker/tiny/tokenizer.json', { folder: '.', hub }, '')).toBe(join(folder, 'tokenizer.json'));
    expect((await failure(resolveTokenizer('hf:maker/torch', { folder: '.', hub }, ''))).message).toMatch(
      /no tokenizer\.json in it/,
    );
  });
});

describe('the settings of the environment', () => {
  it('are those of Hugging Face’s own tools', () => {
    const home = join('/', 'users', 'a');
    expect(hubFromEnvironment({}, home)).toEqual({
      cache: join(home, '.cache', 'huggingface', 'hub'),
      token: undefined,
      endpoint: undefined,
      offline: false,
    });
    expect(hubFromEnvironment({ HF_HOME: '/h', HF_TOKEN: 'hf_x', HF_ENDPOINT: 'http://m/', HF_HUB_OFFLINE: '1' }, home)).toEqual({
      cache: join('/h', 'hub'),
      token: 'hf_x',
      endpoint: 'http://m',
      offline: true,
    });
    expect(hubFromEnvironment({ HF_HUB_CACHE: '/c', HF_HOME: '/h' }, home).cache).toBe('/c');
    expect(hubFromEnvironment({ XDG_CACHE_HOME: '/x' }, home).cache).toBe(join('/x', 'huggingface', 'hub'));
  });
});
