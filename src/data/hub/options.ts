import { join } from 'node:path';

/** How the Hugging Face Hub is reached, and where what came from it is kept. */
export interface HubOptions {
  /** Folder of downloads, laid out as Hugging Face's own cache (`models--owner--name/snapshots/commit/file`), without links. */
  readonly cache: string;
  /** For private and gated repositories. */
  readonly token?: string | undefined;
  /** Address of the Hub; default https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /** Use only what is in the cache. */
  readonly offline?: boolean | undefined;
  /** Called as bytes of a file arrive. */
  readonly onProgress?: ((progress: HubProgress) => void) | undefined;
}

export interface HubProgress {
  /** `hf:owner/name`. */
  readonly repository: string;
  readonly path: string;
  /** Bytes on disk, and of the whole file. */
  readonly done: number;
  readonly total: number;
}

const given = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : text);

/**
 * The settings that Hugging Face's own tools take from the environment: HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, and for the cache
 * HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME, else ~/.cache/huggingface/hub. `home` is the user's folder.
 */
export function hubFromEnvironment(env: Readonly<Record<string, string | undefined>>, home: string): HubOptions {
  const hf = given(env.HF_HOME) ?? join(given(env.XDG_CACHE_HOME) ?? join(home, '.cache'), 'huggingface');
  return {
    cache: given(env.HF_HUB_CACHE) ?? join(hf, 'hub'),
    token: given(env.HF_TOKEN),
    endpoint: given(env.HF_ENDPOINT)?.replace(/\/+$/, ''),
    offline: /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE ?? ''),
  };
}
