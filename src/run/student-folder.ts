import { transformersFolder } from '../export/transformers-folder.ts';
import type { DeliveredFile } from './delivered.ts';
import { ownSet } from './delivered.ts';
import type { Delivered } from './deploy/deploy.ts';
import { writeFolder } from './files.ts';
import type { Opened } from './opened.ts';

export interface StudentToWrite {
  readonly exported: DeliveredFile;
  readonly lighter: readonly Delivered[];
  /** Architecture. */
  readonly architecture: string;
  /** A sentence on how good it is. */
  readonly summary: string;
}

/** Writes `student/`, the folder that transformers.js loads. */
export async function writeStudent(
  { recipe, store, splits: { test }, student }: Pick<Opened, 'recipe' | 'store' | 'splits' | 'student'>,
  { exported, lighter, architecture, summary }: StudentToWrite,
): Promise<void> {
  const { example } = ownSet({ student }, test);
  await writeFolder(
    store.path('student'),
    transformersFolder({
      onnx: exported.bytes,
      inputs: exported.own,
      lighter: lighter.map(({ bytes, facts }) => ({ ...facts, onnx: bytes })),
      name: recipe.name,
      architecture,
      shape: example.shape,
      classes: test.classes,
      perToken: test.tagged ?? false,
      targets: test.targets,
      columns: example.layout === 'vector' ? example.columns : [],
      text: test.example.layout === 'tokens' ? test.example.text : null,
      summary,
    }),
  );
}
