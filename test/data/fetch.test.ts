import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folderWith } from './fixture.ts';

interface Wanted {
  readonly urls: readonly string[];
  readonly checksum: { readonly algorithm: 'md5' | 'sha256'; readonly digest: string } | null;
}
interface Fetching {
  download(wanted: Wanted, path: string, options?: object): Promise<'kept' | 'fetched'>;
  install(set: object, folder: string, options?: object): Promise<void>;
  sets: Record<
    string,
    {
      downloads: readonly (Wanted & { name: string })[];
      files: string[];
      unpack: ((archive: Buffer) => Map<string, Uint8Array>) | null;
    }
  >;
  filesInZip(bytes: Buffer): Map<string, Buffer>;
  filesInTarGz(bytes: Buffer): Map<string, Buffer>;
}
const script = (name: string) => import(new URL(`../../scripts/fetch/${name}.mjs`, import.meta.url).href) as Promise<Fetching>;
const { download } = await script('download');
const { install } = await script('install');
const { sets } = await script('sets');
const { filesInTarGz, filesInZip } = await script('archive');

const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251));
const md5 = (bytes: Uint8Array) => ({ algorithm: 'md5' as const, digest: createHash('md5').update(bytes).digest('hex') });
const quick = { attempts: 3, pause: 1, stall: 300 };

let server: Server;
let host = '';
let asked: (string | undefined)[] = [];
let answer: (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Answers like a file server that knows ranges. */
function serve(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array = content): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= bytes.length) response.writeHead(416).end();
  else if (from > 0)
    response
      .writeHead(206, {
        'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        'content-length': bytes.length - from,
      })
      .end(bytes.subarray(from));
  else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
}

/** Promises everything and hangs up a moment after some of it. */
function cutOff(request: IncomingMessage, response: ServerResponse, after: number): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': content.length - from,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
  });
  response.write(content.subarray(from, from + after), () => setTimeout(() => response.destroy(), 60));
}

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = (request, response) => serve(request, response);
});

const place = () => join(folderWith({}), 'sub/file.bin');
const wanted = (checksum: Wanted['checksum'] = md5(content)): Wanted => ({ urls: [`${host}/file.bin`], checksum });

describe('download', () => {
  it('puts the file in its place, and asks no more when it is there', async () => {
    const path = place();
    expect(await download(wanted(), path, quick)).toBe('fetched');
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(existsSync(`${path}.part`)).toBe(false);
    expect(await download(wanted(), path, quick)).toBe('kept');
    expect(asked).toHaveLength(1);
  });

  it('fetches again what is there but wrong', async () => {
    const path = join(folderWith({ 'file.bin': 'damaged' }), 'file.bin');
    expect(await download(wanted(), path, quick)).toBe('fetched');
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('goes on where the connection broke', async () => {
    answer = (request, response, count) => (count < 3 ? cutOff(request, response, 20_000) : serve(request, response));
    const path = place();
    expect(await download(wanted(), path, quick)).toBe('fetched');
    expect(asked).toEqual([undefined, 'bytes=20000-', 'bytes=40000-']);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('keeps what came for the next run', async () => {
    const path = place();
    answer = (request, response) => cutOff(request, response, 20_000);
    await expect(download(wanted(), path, { ...quick, attempts: 1 })).rejects.toThrow(/connection/);
    expect(existsSync(path)).toBe(false);
    answer = (request, response) => serve(request, response);
    await download(wanted(), path, quick);
    expect(asked.at(-1)).toBe('bytes=20000-');
  });

  it('starts over with a server that knows no ranges, and without a checksum', async () => {
    const path = place();
    answer = (request, response, count) =>
      count === 1 ? cutOff(request, response, 20_000) : response.writeHead(200).end(content);
    await download(wanted(), path, quick);
    expect(readFileSync(path).equals(content)).toBe(true);
    asked = [];
    answer = (request, response, count) => (count === 1 ? cutOff(request, response, 20_000) : serve(request, response));
    const other = place();
    await download(wanted(null), other, quick);
    expect(asked).toEqual([undefined, undefined]);
    expect(readFileSync(other).equals(content)).toBe(true);
  });

  it('throws away what has the wrong checksum', async () => {
    const path = place();
    await expect(download(wanted(md5(Buffer.from('other'))), path, quick)).rejects.toThrow(
      /md5 of what came is [0-9a-f]{32}; expected [0-9a-f]{32}; it was thrown away/,
    );
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('mends a part that belongs to something else', async () => {
    const path = place();
    await download(wanted(), path, quick);
    writeFileSync(path, 'x');
    for (const stale of [Buffer.alloc(10), Buffer.alloc(60_000)]) {
      writeFileSync(`${path}.part`, stale);
      writeFileSync(path, 'x');
      expect(await download(wanted(), path, quick)).toBe('fetched');
      expect(readFileSync(path).equals(content)).toBe(true);
    }
  });

  it('does not insist on a 404, but does on a 503', async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(download(wanted(), place(), quick)).rejects.toThrow(/file\.bin: the server answered 404 Not Found/);
    expect(asked).toHaveLength(1);
    asked = [];
    answer = (request, response, count) => (count < 3 ? response.writeHead(503).end() : serve(request, response));
    expect(await download(wanted(), place(), quick)).toBe('fetched');
  });

  it('goes to the next address', async () => {
    answer = (request, response) => (request.url === '/gone' ? response.writeHead(404).end() : serve(request, response));
    expect(await download({ urls: [`${host}/gone`, `${host}/file.bin`], checksum: md5(content) }, place(), quick)).toBe(
      'fetched',
    );
  });

  it('says that there is no connection', async () => {
    await expect(
      download({ urls: ['http://127.0.0.1:1/x'], checksum: null }, place(), { ...quick, attempts: 1 }),
    ).rejects.toThrow(/no connection to 127\.0\.0\.1:1 .*is this machine online\?|the connection broke/);
  });

  it('gives up on a server that falls silent', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('abc');
    };
    await expect(download(wanted(), place(), { ...quick, attempts: 1 })).rejects.toThrow(/nothing came for too long/);
  });
});

/** A ustar archive. */
const tar = (files: Readonly<Record<string, Uint8Array>>) =>
  Buffer.concat([
    ...Object.entries(files).flatMap(([name, bytes]) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
      header.write('0', 156);
      return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
    }),
    Buffer.alloc(1024),
  ]);

/** A zip archive of deflated files. */
function zip(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const packed = deflateRawSync(bytes);
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    entry.write(name, 46);
    locals.push(local, packed);
    central.push(entry);
    offset += local.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...central, end]);
}

describe('install', () => {
  const row = (label: number) => Buffer.concat([Buffer.from([label]), Buffer.alloc(3072, label)]);
  const batch = Buffer.concat(Array.from({ length: 9001 }, (_, i) => row(i % 10)));
  const archive = gzipSync(
    tar({
      'cifar-10-batches-bin/batches.meta.txt': Buffer.from('airplane\n'),
      ...Object.fromEntries([1, 2, 3, 4, 5].map((b) => [`cifar-10-batches-bin/data_batch_${b}.bin`, b === 1 ? batch : row(b)])),
      'cifar-10-batches-bin/test_batch.bin': batch,
    }),
    { level: 1 },
  );
  const cifar = (checksum: Wanted['checksum']) => ({
    ...sets.cifar10!,
    downloads: [{ name: 'a.tar.gz', urls: [`${host}/a`], checksum }],
  });

  it('unpacks an archive into the files it lists, once', async () => {
    answer = (request, response) => serve(request, response, archive);
    const folder = join(folderWith({}), 'cifar10');
    const lines: string[] = [];
    await install(cifar(md5(archive)), folder, { ...quick, say: (line: string) => lines.push(line) });
    for (const file of sets.cifar10!.files) expect(existsSync(join(folder, file)), file).toBe(true);
    expect(existsSync(join(folder, '.download'))).toBe(false);
    expect(lines[0]).toBe('a.tar.gz: fetched');
    await install(cifar(md5(archive)), folder, quick);
    expect(asked).toHaveLength(1);
  });

  it('says that an archive holds something else', async () => {
    const other = gzipSync(tar({ 'readme.txt': Buffer.from('moved') }));
    answer = (request, response) => serve(request, response, other);
    await expect(install(cifar(null), folderWith({}), quick)).rejects.toThrow(
      /no 'batches\.meta\.txt'; it has readme\.txt; the publisher may have changed the file/,
    );
  });

  it('keeps plain files by their names', async () => {
    const folder = folderWith({});
    await install({ ...sets.mnist!, downloads: [{ name: 'x.gz', ...wanted() }] }, folder, quick);
    expect(existsSync(join(folder, 'x.gz'))).toBe(true);
  });
});

describe('sets', () => {
  it('list the files that they come to, and addresses with checksums', () => {
    for (const [name, set] of Object.entries(sets)) {
      expect(set.downloads.length, name).toBeGreaterThan(0);
      if (set.unpack === null) expect(set.downloads.map((d) => d.name)).toEqual(set.files);
      for (const { urls, checksum } of set.downloads) {
        for (const url of urls) expect(url).toMatch(/^https?:\/\/[^ ]+$/);
        if (checksum) expect(checksum.digest).toMatch(/^[0-9a-f]{32}$/);
      }
    }
  });

  it('divide SST-2 so that no phrase is on two sides', () => {
    const phrases = Array.from({ length: 25 }, (_, i) => `phrase ${i}\t${i % 2}`);
    const files = sets.sst2!.unpack!(
      zip({
        'SST-2/train.tsv': Buffer.from(['sentence\tlabel', ...phrases, ''].join('\n')),
        'SST-2/dev.tsv': Buffer.from('sentence\tlabel\nx\t1\n'),
      }),
    );
    expect([...files.keys()]).toEqual(sets.sst2!.files);
  });

  it('refuse a table of another length', () => {
    expect(() => sets.california_housing!.unpack!(gzipSync(tar({ 'housing/housing.csv': Buffer.from('a\n1\n') })))).toThrow(
      /1 rows; expected 20640/,
    );
  });
});

describe('archives', () => {
  it('give back their files', () => {
    const files = { 'a/one.txt': Buffer.from('one'), 'a/two.bin': Buffer.alloc(1000, 7) };
    expect(filesInZip(zip(files))).toEqual(new Map(Object.entries(files)));
    expect(filesInTarGz(gzipSync(tar(files)))).toEqual(
      new Map([
        ['one.txt', files['a/one.txt']],
        ['two.bin', files['a/two.bin']],
      ]),
    );
  });
  it('that are none are refused', () => {
    expect(() => filesInZip(Buffer.from('hello'))).toThrow(/not a zip archive/);
    expect(() => filesInTarGz(gzipSync(Buffer.alloc(512, 65)))).toThrow(/damaged/);
  });
});
