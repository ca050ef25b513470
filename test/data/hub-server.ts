import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wordPieceJson, wordPieceSpecials } from '../../src/data/text/word-piece.ts';
import { sentences } from './text-fixture.ts';

/** The commit that every revision means. */
export const COMMIT = 'a'.repeat(40);
/** Content of the tiny model's weights. */
export const weights = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) % 256));
export const tokenizer = JSON.stringify(
  wordPieceJson([...wordPieceSpecials, ...'abcdefghijklmnopqrstuvwxyz', 'the', 'film'], true),
);

/** Repositories by their place in the API: files by path; `large` ones are kept as LFS does. */
const repositories: Record<string, Readonly<Record<string, Buffer>>> = {
  'models/maker/tiny': {
    'config.json': Buffer.from('{"model_type":"bert"}'),
    'tokenizer.json': Buffer.from(tokenizer),
    'onnx/model.onnx': Buffer.from('onnx graph'),
    'onnx/model.onnx_data': weights,
    'onnx/model_fp16.onnx': Buffer.from('onnx graph in half'),
    'pytorch_model.bin': Buffer.from('unwanted'),
    empty: Buffer.alloc(0),
  },
  'models/maker/two': { 'a.onnx': Buffer.from('a'), 'b.onnx': Buffer.from('b') },
  'models/maker/torch': { 'model.safetensors': Buffer.from('s') },
  'datasets/maker/reviews': {
    'data/train.tsv': Buffer.from(['text\tlabel', ...sentences(40).map((s, i) => `${s}\t${i % 2}`)].join('\n')),
  },
};
const isLarge = (path: string): boolean => path.includes('model');
const sha = (kind: string, ...parts: (Buffer | string)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash(kind)).digest('hex');

/** What the server does wrong; set by a test. */
interface Mischief {
  /** Bytes of onnx/model.onnx_data after which the connection is cut, one number a request. */
  cuts: number[];
  /** Sends the whole file when a part of it is asked for. */
  ignoresRanges: boolean;
  corrupt: boolean;
}
export const mischief: Mischief = { cuts: [], ignoresRanges: false, corrupt: false };
/** Requests since the test began. */
export const asked: { readonly url: string; readonly range: string | undefined; readonly token: string | undefined }[] = [];

const server: Server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://hub');
  const { range, authorization } = request.headers;
  asked.push({ url: url.pathname, range, token: authorization });
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const [, kind = '', name = '', action = '', rest = ''] =
    /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(url.pathname) ??
    /^\/(datasets\/)?([^/]+\/[^/]+)\/(resolve)\/(.+)$/.exec(url.pathname) ??
    [];
  if (name === 'maker/gated' && authorization !== 'Bearer hf_good') {
    json(authorization ? 403 : 401, { error: 'Access to model maker/gated is restricted.' });
    return;
  }
  const files =
    repositories[`${kind === 'datasets/' ? 'datasets' : kind || 'models'}/${name === 'maker/gated' ? 'maker/two' : name}`];
  if (!files) {
    json(404, { error: 'Repository not found' });
    return;
  }
  if (action === 'revision') {
    if (!['main', 'v1', COMMIT].includes(rest)) json(404, { error: `Invalid rev id: ${rest}` });
    else json(200, { _id: '1', id: name, private: false, downloads: 1, likes: 0, lastModified: '2026-01-01', sha: COMMIT });
    return;
  }
  if (action === 'tree') {
    const entries = Object.entries(files).map(([path, content]) => {
      const oid = sha('sha1', `blob ${content.length}\0`, content);
      const lfs = { oid: sha('sha256', content), size: content.length, pointerSize: 130 };
      return { type: 'file', path, size: content.length, oid, ...(isLarge(path) && { lfs }) };
    });
    json(200, [{ type: 'directory', path: 'onnx', size: 0, oid: 'd' }, ...entries]);
    return;
  }
  const path = rest.slice(rest.indexOf('/') + 1);
  const content = files[path];
  if (!content) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    return;
  }
  const body = mischief.corrupt ? Buffer.from(content).fill(1, 0, 1) : content;
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const whole = from === undefined || (mischief.ignoresRanges && to !== '0');
  const part = whole ? body : body.subarray(Number(from), Number(to) + 1);
  response.writeHead(whole ? 200 : 206, {
    etag: `"${sha('sha256', content)}"`,
    'content-length': part.length,
    ...(!whole && { 'content-range': `bytes ${from}-${to}/${body.length}` }),
  });
  const cut = path === 'onnx/model.onnx_data' && range !== 'bytes=0-0' ? mischief.cuts.shift() : undefined;
  if (cut === undefined) response.end(part);
  else if (cut === 0) response.destroy();
  else response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 30));
});

/** Starts the server; gives its address. */
export async function startHub(): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function stopHub(): void {
  server.closeAllConnections();
  server.close();
}

/** Puts a model on the Hub. */
export function publish(name: string, files: Readonly<Record<string, Buffer>>): void {
  repositories[`models/${name}`] = files;
}

/** Forgets what was asked and does nothing wrong any more. */
export function calmHub(): void {
  asked.length = 0;
  Object.assign(mischief, { cuts: [], ignoresRanges: false, corrupt: false });
}
