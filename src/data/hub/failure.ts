import { HubApiError } from '@huggingface/hub';
import { DataError, type DataIssue } from '../error.ts';
import type { HubOptions } from './options.ts';
import { type HubReference, hubName } from './reference.ts';

/** The page of a repository, or of something at the Hub. */
const HUB = 'https://huggingface.co';
const pageOf = ({ type, name }: HubReference, endpoint = HUB): string =>
  `${endpoint}/${type === 'dataset' ? 'datasets/' : ''}${name}`;

type Cause = Omit<DataIssue, 'where'>;

/** What an answer of the Hub means; without a token it says 401 also of repositories that do not exist. */
const answers: Readonly<Record<number, (reference: HubReference, options: HubOptions) => Cause>> = {
  401: (reference, { token, endpoint }) =>
    token === undefined
      ? {
          found: `the Hub has no public ${reference.type} of this name: it does not exist, is private, or is gated`,
          expected: 'one that may be read',
          fix: `check the name at ${pageOf(reference, endpoint)}; for a private or gated one set HF_TOKEN to a token of your account`,
        }
      : {
          found: 'the Hub does not accept the token, or there is no such repository',
          expected: 'a valid token',
          fix: `make a new token at ${endpoint ?? HUB}/settings/tokens, and check the name`,
        },
  403: (reference, { endpoint }) => ({
    found: 'your account may not read it',
    expected: 'access',
    fix: `accept the terms or ask for access at ${pageOf(reference, endpoint)}`,
  }),
  404: (reference, { endpoint }) => ({
    found:
      reference.revision === 'main' ? `there is no such ${reference.type}` : `there is no such ${reference.type} or revision`,
    expected: 'one that is on the Hub',
    fix: `check the name at ${pageOf(reference, endpoint)}`,
  }),
};

/** What a failed request means for the user; `doing` is put behind the repository's name. */
export function hubFailure(error: unknown, reference: HubReference, options: HubOptions, doing = ''): unknown {
  if (error instanceof DataError) return error;
  const where = hubName(reference) + doing;
  if (error instanceof HubApiError) {
    const known = answers[error.statusCode]?.(reference, options);
    if (known) return new DataError({ where, ...known, found: `${known.found} (status ${error.statusCode})` }, 'data', error);
    const found = `the Hub answered with status ${error.statusCode}: ${error.message.slice(0, 200)}`;
    return new DataError({ where, found, expected: 'the files', fix: 'try again later' }, 'environment', error);
  }
  const found = `the Hub at ${options.endpoint ?? HUB} cannot be reached (${reason(error)})`;
  return new DataError(
    {
      where,
      found: `no network and not in the cache: ${found}`,
      expected: `a connection, or the files in ${options.cache}`,
      fix: 'connect and run it again, or copy the files to this machine and name their folder',
    },
    'environment',
    error,
  );
}

/** The innermost cause of an error of fetch, in words. */
export function reason(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (cause !== undefined && cause !== null) return reason(cause);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
