import { basename, dirname, join, posix } from 'node:path';
import { nearest } from '../../graph/nearest.ts';
import { resolvePath } from '../bytes.ts';
import { DataError } from '../error.ts';
import type { HubOptions } from './options.ts';
import { type HubReference, hubName, isHubReference, parseHubReference } from './reference.ts';
import { type HubRepository, openRepository } from './repository.ts';

/** Where paths start from, and how the Hub is reached; without `hub` its ids are refused. */
export interface Places {
  readonly folder: string;
  readonly hub?: HubOptions | undefined;
}

/** Which files of a repository are wanted, and which path of it the answer is (empty: its folder). */
type Choice = (repository: HubRepository, path: string) => { readonly files: readonly string[]; readonly answer: string };

async function resolve(given: string, places: Places, where: string, choose: Choice): Promise<string> {
  if (!isHubReference(given)) return resolvePath(places.folder, given);
  const reference = parseHubReference(given, where);
  if (!places.hub) {
    throw new DataError({
      where,
      found: `'${given}', and no folder for downloads`,
      expected: 'a cache for what comes from the Hub',
      fix: 'pass `hub: { cache }`, or name a local file',
    });
  }
  const repository = await openRepository(reference, places.hub);
  const { files, answer } = choose(repository, reference.path);
  await repository.fetch(files);
  return join(repository.folder, ...answer.split('/'));
}

/** A file by its path, or by `hf:owner/name/path/of/file`: where it is on this machine, once it is there. Throws `DataError`. */
export const resolveFile = (given: string, places: Places, where: string): Promise<string> =>
  resolve(given, places, where, ({ reference, files }, path) => {
    if (!files.some((f) => f.path === path)) throw notThere(reference, path === '' ? 'the name of a file' : path, files);
    return { files: [path], answer: path };
  });

/** Files of a tokenizer; those that lie in the same folder come along. */
const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt'];
/** Files that say what a model's inputs and outputs are. */
const DESCRIPTIONS = ['config.json', 'preprocessor_config.json', ...TOKENIZER];

/** A tokenizer by its folder or file, or by `hf:owner/name`: the local folder or file. Throws `DataError`. */
export const resolveTokenizer = (given: string, places: Places, where: string): Promise<string> =>
  resolve(given, places, where, ({ reference, files }, path) => {
    const folder = basename(path).endsWith('.json') ? posix.dirname(path) : path;
    const wanted = TOKENIZER.map((name) => posix.join(folder, name)).filter((p) => files.some((f) => f.path === p));
    if (wanted.length === 0) throw notThere(reference, posix.join(folder, TOKENIZER[0]!), files);
    return { files: path.endsWith('.json') && !wanted.includes(path) ? [path, ...wanted] : wanted, answer: path };
  });

/** Where exporters put the model in full precision, the most usual place first. */
const MODELS = ['onnx/model.onnx', 'model.onnx'];

/**
 * An ONNX file by its path, or by `hf:owner/name` (its onnx/model.onnx, model.onnx or only ONNX file) or `hf:owner/name/path.onnx`:
 * where it is on this machine. Weights beside it (`model.onnx_data`), descriptions and tokenizer come along. Throws `DataError`.
 */
export const resolveModel = (given: string, places: Places, where: string): Promise<string> =>
  resolve(given, places, where, ({ reference, files }, path) => {
    const all = files.map((f) => f.path);
    const models = all.filter((p) => p.endsWith('.onnx'));
    const only = models.length === 1 ? models : [];
    const model = path === '' ? [...MODELS.filter((p) => all.includes(p)), ...only][0] : models.find((p) => p === path);
    if (model === undefined) throw noModel(reference, path, models, files);
    const weights = all.filter((p) => p !== model && isWeightsOf(p, model));
    return { files: [...DESCRIPTIONS.filter((p) => all.includes(p)), ...weights, model], answer: model };
  });

/** Names that exporters give to weights outside of the graph: model.onnx_data, model.onnx_data_1, model.onnx.data. */
const isWeightsOf = (path: string, model: string): boolean =>
  dirname(path) === dirname(model) &&
  (path.startsWith(`${model}_data`) || path.startsWith(`${model}.data`) || path === model.replace(/\.onnx$/, '.data'));

function noModel(reference: HubReference, path: string, models: readonly string[], files: HubRepository['files']): DataError {
  if (path !== '' || models.length === 0) {
    const hint = models.length > 0 ? `one of ${models.slice(0, 12).join(', ')}` : 'an ONNX file';
    return notThere(reference, path || 'ONNX file', files, hint);
  }
  return new DataError({
    where: hubName(reference),
    found: `${models.length} ONNX files: ${models.slice(0, 12).join(', ')}`,
    expected: `one of them to be named, or ${MODELS.join(' or ')} among them`,
    fix: `write ${hubName(reference)}/${models[0]}`,
  });
}

const notThere = (reference: HubReference, path: string, files: HubRepository['files'], expected?: string): DataError => {
  const names = files.map((f) => f.path);
  return new DataError({
    where: hubName(reference),
    found: `no ${path} in it`,
    expected: expected ?? `one of its files, such as ${nearest(path, names).join(', ') || 'none: it is empty'}`,
    fix: names.some((name) => /\.(safetensors|bin|pt)$/.test(name))
      ? 'it has weights in another format: look for one with ONNX files (many are under onnx-community), or export it with Optimum'
      : 'check the page of the repository',
  });
};
