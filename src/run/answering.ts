import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { planBatches } from '../data/batches.ts';
import { fingerprint } from '../data/content.ts';
import type { Dataset } from '../data/dataset.ts';
import { sizeOf } from '../graph/type.ts';
import { nameOf, needsOf, type ObjectiveOptions } from '../methods/combine.ts';
import type { Asked, Offer } from '../methods/define.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { cachedTeacher, type Recorded } from '../teachers/cache.ts';
import type { Teacher } from '../teachers/define.ts';
import { sessionTeacher } from '../teachers/session.ts';
import type { Emit } from './events.ts';
import { viewInput } from './objective.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { RunStore } from './store.ts';
import type { OpenedTeacher, TeacherFile } from './teachers/open.ts';

interface Answering {
  readonly recipe: Recipe;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly train: Dataset;
  readonly emit: Emit;
  readonly note: (text: string) => void;
  /** Whether an example always looks the same. */
  readonly cacheable: boolean;
}

/** The teacher as training asks it. */
export interface Answerer {
  readonly source: Teacher;
  close(): Promise<void>;
}

/** More than this is not kept in memory and on disk. */
const mostRecorded = 1 << 30;

/**
 * Opens a teacher for training: from recorded outputs where the view of an example never changes and they are not too large, else live.
 * @param asked What the losses need of it.
 */
export async function answering(opened: OpenedTeacher, asked: readonly Asked[], context: Answering): Promise<Answerer> {
  const { recipe, runtime, train, note, cacheable } = context;
  const file = await opened.giving(asked);
  const bytes = 4 * train.size * [...file.outputs.values()].reduce((n, shape) => n + sizeOf(shape), 0);
  if (recipe.cacheTeacher && cacheable && bytes <= mostRecorded)
    return { source: await recordedTeacher(file, context), close: async () => {} };
  if (recipe.cacheTeacher) {
    note(
      cacheable
        ? `What the losses tap of the teacher takes ${(bytes / 2 ** 30).toFixed(1)} GiB for all examples, so the teacher is asked in every step.`
        : 'The view of an example changes from epoch to epoch, so the teacher is asked in every step.',
    );
  }
  const session = await runtime.open(file.bytes);
  const source = sessionTeacher({
    session,
    input: viewInput,
    example: train.example.shape,
    outputs: file.outputs,
    batch: file.batch,
  });
  return { source, close: () => session.release() };
}

/** The teacher as each objective asks it: what two of them ask for alike is opened once. */
export interface Answers {
  /** Null where an objective asks no teacher. */
  to(objective: ObjectiveOptions): Promise<Answerer | null>;
  close(): Promise<void>;
}

/** Opens nothing before an objective asks for it. */
export function openAnswers(opened: OpenedTeacher | null, offer: Offer, context: Answering): Answers {
  const open = new Map<string, Answerer>();
  return {
    async to(objective) {
      const { asked } = needsOf(objective, offer);
      if (!opened || asked.length === 0) return null;
      const key = asked.map(nameOf).sort().join('\n');
      const answerer = open.get(key) ?? (await answering(opened, asked, context));
      open.set(key, answerer);
      return answerer;
    },
    async close() {
      for (const answerer of open.values()) await answerer.close();
    },
  };
}

/** Recorded outputs, named after what made them and what they are of. */
async function recordedTeacher(file: TeacherFile, { runtime, store, train, emit }: Answering): Promise<Teacher> {
  const key = createHash('sha256').update(file.bytes).update(fingerprint(train)).digest('hex').slice(0, 32);
  const name = `teacher-outputs/${key}.safetensors`;
  const path = store.path(name);
  if (existsSync(path)) return cachedTeacher(readSafetensors(await readFile(path), path));
  const tell = (done: number): void => emit({ type: 'progress', what: 'asking the teacher', done, total: train.size });
  const session = await runtime.open(file.bytes);
  try {
    const teacher = sessionTeacher({
      session,
      input: viewInput,
      example: train.example.shape,
      outputs: file.outputs,
      batch: file.batch,
    });
    const recorded = await record(teacher, train, file.batch ?? usualBatch, tell);
    await store.write(name, writeSafetensors(recorded));
    return cachedTeacher(recorded);
  } finally {
    await session.release();
  }
}
const usualBatch = 256;

/** Asks a teacher about every example of a set, in its order; the last batch is filled up with zeros. */
async function record(teacher: Teacher, train: Dataset, batchSize: number, tell: (done: number) => void): Promise<Recorded> {
  const recorded = Object.fromEntries(
    [...teacher.outputs].map(([name, shape]) => [
      name,
      {
        dtype: 'float32' as const,
        shape: [train.size, ...(shape as readonly number[])],
        data: new Float32Array(train.size * sizeOf(shape)),
      },
    ]),
  );
  const plan = planBatches(train, { batchSize });
  let done = 0;
  tell(done);
  for (const batch of plan.epoch(0)) {
    const { tensors } = await teacher.answer({ view: batch.x.slice(), count: batchSize, indices: batch.indices });
    for (const [name, { data }] of Object.entries(recorded)) {
      const width = data.length / train.size;
      data.set((tensors[name]!.data as Float32Array).subarray(0, batch.size * width), done * width);
    }
    done += batch.size;
    tell(done);
  }
  return recorded;
}
