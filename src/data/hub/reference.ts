import { DataError } from '../error.ts';

/** A repository of the Hub at a revision, and a file or folder in it. */
export interface HubReference {
  readonly type: 'model' | 'dataset';
  /** `owner/name`. */
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Path inside it; empty for the whole. */
  readonly path: string;
}

const PREFIX = /^hf:(\/\/)?/;
const SHAPE = /^(?<type>datasets\/)?(?<name>[\w.-]+\/[\w.-]+)(?:@(?<revision>[^@/\s]+))?(?:\/(?<path>[^\s].*))?$/;

/** Whether a text means the Hub and not a path of this machine. */
export const isHubReference = (text: string): boolean => PREFIX.test(text);

/**
 * Reads `hf:owner/name`, with `@revision` and `/path/in/repository` if wanted, and `hf:datasets/owner/name…` for data sets
 * (slashes in a revision are written %2F). Throws `DataError`.
 */
export function parseHubReference(text: string, where: string): HubReference {
  const match = SHAPE.exec(text.replace(PREFIX, ''))?.groups;
  const path = match?.path ?? '';
  if (!match?.name || !isSafePath(path)) {
    throw new DataError({
      where,
      found: `'${text}'`,
      expected:
        'hf:owner/name, hf:owner/name@revision or hf:owner/name/path/of/file; for data hf:datasets/owner/name/path/of/file',
      fix: 'copy the name from the page of the repository, owner included',
    });
  }
  return {
    type: match.type ? 'dataset' : 'model',
    name: match.name,
    revision: (match.revision ?? 'main').replaceAll('%2F', '/'),
    path: path.replace(/\/+$/, ''),
  };
}

/** Whether a path stays inside the folder that it is put into. */
export const isSafePath = (path: string): boolean =>
  !/[\\\0:]/.test(path) && !path.startsWith('/') && !path.split('/').some((part) => part === '..' || part === '.');

/** The repository as a recipe names it, for messages. */
export const hubName = ({ type, name, revision }: HubReference): string =>
  `hf:${type === 'dataset' ? 'datasets/' : ''}${name}${revision === 'main' ? '' : `@${revision}`}`;
