import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fingerprint } from '../data/content.ts';
import type { Splits } from '../data/split.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { cachedTeacher } from '../teachers/cache.ts';
import type { Teacher } from '../teachers/define.ts';
import { sessionTeacher } from '../teachers/session.ts';
import { ask, logitsOutput } from './evaluate.ts';
import type { Emit } from './events.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { viewInput } from './step.ts';
import type { RunStore, Tensors } from './store.ts';
import type { OpenedTeacher } from './teacher.ts';

interface Answering {
  readonly recipe: Recipe;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly splits: Splits;
  readonly emit: Emit;
  readonly cacheable: boolean;
}

/** The teacher as training asks it: from recorded outputs where the view never changes, else live. */
export async function answering(
  opened: OpenedTeacher,
  { recipe, runtime, store, splits, emit, cacheable }: Answering,
): Promise<{ readonly source: Teacher; close(): Promise<void> }> {
  const { train } = splits;
  if (recipe.cacheTeacher && cacheable) {
    const key = createHash('sha256').update(opened.bytes).update(fingerprint(train)).digest('hex').slice(0, 32);
    const name = `teacher-outputs/${key}.safetensors`;
    const path = store.path(name);
    if (existsSync(path)) return { source: cachedTeacher(readSafetensors(await readFile(path), path)), close: async () => {} };
    emit({ type: 'progress', what: 'asking the teacher', done: 0, total: train.size });
    const { data, rows, width } = await ask(runtime, opened.bytes, train, opened);
    const recorded: Tensors = { [logitsOutput]: { dtype: 'float32', shape: [rows, width], data } };
    await store.write(name, writeSafetensors(recorded));
    emit({ type: 'progress', what: 'asking the teacher', done: train.size, total: train.size });
    return { source: cachedTeacher(recorded), close: async () => {} };
  }
  const session = await runtime.open(opened.bytes);
  const source = sessionTeacher({
    session,
    input: viewInput,
    example: train.example.shape,
    outputs: opened.outputs,
    batch: opened.batch,
  });
  return { source, close: () => session.release() };
}
