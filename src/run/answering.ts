import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { addedRows, isCacheable, type NamedAugment } from '../data/augmentations.ts';
import { planBatches } from '../data/batches.ts';
import { fingerprint } from '../data/content.ts';
import { type Dataset, exampleShape } from '../data/dataset.ts';
import { sizeOf } from '../graph/type.ts';
import { nameOf, needsOf } from '../methods/combine.ts';
import type { Asked, Offer } from '../methods/define.ts';
import { allAtLength, lengthDim } from '../models/tokens.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import { cachedTeacher, type Recorded } from '../teachers/cache.ts';
import type { Teacher } from '../teachers/define.ts';
import { sessionTeacher } from '../teachers/session.ts';
import type { Emit } from './events.ts';
import type { UntaughtLesson } from './lesson.ts';
import { openShape, viewInput } from './objective.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { memo } from './specs.ts';
import type { RunStore } from './store.ts';
import type { OpenedTeacher, TeacherFile } from './teachers/open.ts';

interface Answering {
  readonly recipe: Recipe;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly train: Dataset;
  readonly emit: Emit;
  readonly note: (text: string) => void;
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
export async function answering(
  opened: OpenedTeacher,
  asked: readonly Asked[],
  augment: readonly NamedAugment[],
  context: Answering,
): Promise<Answerer> {
  const { recipe, runtime, train, note } = context;
  const cacheable = isCacheable(augment);
  const added = addedRows(augment);
  const longest = await opened.giving(asked, { added });
  const shapes = [...longest.outputs.values()];
  const sized = shapes.some((shape) => shape.includes(lengthDim));
  const bytes = sized ? Number.POSITIVE_INFINITY : 4 * train.size * shapes.reduce((n, shape) => n + sizeOf(shape), 0);
  if (recipe.cacheTeacher && cacheable && bytes <= mostRecorded)
    return { source: await recordedTeacher(longest, context), close: async () => {} };
  if (recipe.cacheTeacher) note(`${whyAsked(cacheable, bytes)}, so the teacher is asked in every step.`);
  // A file with fixed sizes is made for each length.
  const open = memo(async (length: number | null): Promise<Answerer> => {
    const file = length === null ? longest : await opened.giving(asked, { length, added });
    const session = await runtime.open(file.bytes);
    return { source: asking(file, session, train, added), close: () => session.release() };
  });
  const keyOf = (length: number | null): number | null => (longest.batch === null ? null : length);
  const lengths = new Set<number | null>();
  const used = (length: number | null): Promise<Answerer> => {
    lengths.add(keyOf(length));
    return open(keyOf(length));
  };
  return {
    source: {
      outputs: longest.outputs,
      outputsAt: async (length) => {
        const { outputs } = (await used(length)).source;
        return allAtLength(outputs, length);
      },
      answer: async (question) => (await used(question.length)).source.answer(question),
    },
    async close() {
      for (const length of lengths) await (await open(length)).close();
    },
  };
}

const whyAsked = (cacheable: boolean, bytes: number): string => {
  if (!cacheable) return 'The view of an example changes from epoch to epoch';
  if (bytes === Number.POSITIVE_INFINITY) return 'What the losses tap of the teacher has a row for each token';
  return `What the losses tap of the teacher takes ${(bytes / 2 ** 30).toFixed(1)} GiB for all examples`;
};

const asking = (file: TeacherFile, session: Session, train: Dataset, added = 0): Teacher =>
  sessionTeacher({
    session,
    input: viewInput,
    example: openShape(train.example, added),
    outputs: file.outputs,
    batch: file.batch,
  });

/** The teacher as each lesson asks it: what two of them ask for alike is opened once. */
export interface Answers {
  /** Null where a lesson asks no teacher. */
  to(lesson: UntaughtLesson): Promise<Answerer | null>;
  close(): Promise<void>;
}

/** Opens nothing before a lesson asks for it. */
export function openAnswers(
  opened: OpenedTeacher | null,
  offerOf: (lesson: UntaughtLesson) => Offer,
  context: Answering,
): Answers {
  const open = new Map<string, Answerer>();
  return {
    async to(lesson) {
      const { asked } = needsOf(lesson.objective, offerOf(lesson));
      if (!opened || asked.length === 0) return null;
      const { augment } = lesson;
      const key = [isCacheable(augment), addedRows(augment), ...asked.map(nameOf).sort()].join('\n');
      const answerer = open.get(key) ?? (await answering(opened, asked, augment, context));
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
    const recorded = await record(asking(file, session, train), train, file.batch, tell);
    await store.write(name, writeSafetensors(recorded));
    return cachedTeacher(recorded);
  } finally {
    await session.release();
  }
}
const usualBatch = 256;

/** Asks a teacher about every example of a set, in its order; the last batch is filled up with zeros. */
async function record(teacher: Teacher, train: Dataset, fixed: number | null, tell: (done: number) => void): Promise<Recorded> {
  const batchSize = fixed ?? usualBatch;
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
  const plan = planBatches(train, { batchSize, ...(fixed !== null && { lengths: [] }) });
  let done = 0;
  tell(done);
  for (const batch of plan.epoch(0)) {
    const { tensors } = await teacher.answer({
      view: batch.x.slice(0, batchSize * sizeOf(exampleShape(train.example, batch.length))),
      count: batchSize,
      length: batch.length,
      indices: batch.indices,
    });
    for (const [name, { data }] of Object.entries(recorded)) {
      const width = data.length / train.size;
      data.set((tensors[name]!.data as Float32Array).subarray(0, batch.size * width), done * width);
    }
    done += batch.size;
    tell(done);
  }
  return recorded;
}
