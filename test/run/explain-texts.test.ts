import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { renderExplanation } from '../../src/report/explain/render.ts';
import { explainTeacher } from '../../src/run/explain-teacher.ts';
import { placeForRuns } from '../support/runs.ts';
import { writeTexts } from './text-set.ts';

const { root, engine } = placeForRuns('explain-texts');
beforeAll(() => writeTexts(root, 90));

test('what a teacher of texts knows is shown with the texts', async () => {
  const recipe = parseRecipe({
    data: { kind: 'text', path: join(root, 'texts.tsv'), label: 'label', length: 12, tokenizer: join(root, 'tokenizer') },
    teacher: { kind: 'onnx', model: fileURLToPath(new URL('../fixtures/onnx/bert-17.onnx', import.meta.url)) },
    student: { model: { kind: 'bag' } },
  });
  const found = await explainTeacher(recipe, { runtime: engine(), examples: 3 });
  const [hardest] = found.knowledge.hardest;
  expect(hardest!.picture).toBeNull();
  const { text } = hardest!.row as { readonly text: string };
  expect(text.split(' ').length).toBeGreaterThan(2);
  expect(renderExplanation(found)).toContain(text);
});
