import type { Shape, Tensor } from '../../graph/type.ts';
import type { Asked } from '../../methods/define.ts';
import { sessionTeacher } from '../../teachers/session.ts';
import { viewInput } from '../objective.ts';
import type { Subject } from './define.ts';

/**
 * Asks a teacher about texts of one length.
 *
 * @param views [count, 2, length], batch by batch.
 */
export async function* asked(
  { teacher, runtime }: Pick<Subject, 'teacher' | 'runtime'>,
  what: readonly Asked[],
  views: readonly Tensor[],
): AsyncGenerator<{ readonly view: Tensor; readonly tensors: Readonly<Record<string, Tensor>> }> {
  const [, rows, length] = views[0]!.shape as readonly [number, number, number];
  const file = await teacher.giving(what, { length });
  const session = await runtime.open(file.bytes);
  try {
    const source = sessionTeacher({
      session,
      input: viewInput,
      example: [rows, length] satisfies Shape,
      outputs: file.outputs,
      batch: file.batch,
    });
    for (const view of views) {
      const count = view.shape[0]!;
      const padded = file.batch === null ? count : Math.ceil(count / file.batch) * file.batch;
      const data = new Float32Array(padded * rows * length);
      data.set(view.data as Float32Array);
      const { tensors } = await source.answer({ view: data, count: padded, length, indices: new Uint32Array(padded) });
      yield { view, tensors };
    }
  } finally {
    await session.release();
  }
}
