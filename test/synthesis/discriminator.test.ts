import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { discriminator } from '../../src/synthesis/priors/discriminator.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { hostOf, picture, sceneOf } from '../support/synthesis.ts';
import { goldenPrior } from './golden-networks.ts';
import { text } from './text-host.ts';

const none = () => ({});

describe('discriminator', () => {
  goldenPrior('discriminator', (input, host, options) =>
    discriminator.loss(
      discriminator.options.parse({ kind: 'discriminator', ...options }),
      sceneOf(input('view'), none, { real: () => input('real') }),
      host,
    ),
  );

  test('goes through pictures of usual size, and its weights and the batch pull apart', async () => {
    const { graph, host, values, feeds } = hostOf({ batchSize: 3, example: picture(1, 28, 28) });
    const [view, real] = ['view', 'real'].map((name) =>
      host.perStep(name, [3, 1, 28, 28], (into, draws) => draws.fillUniform(into)),
    );
    const loss = await discriminator.loss(
      discriminator.options.parse({ kind: 'discriminator' }),
      sceneOf(view!, none, { real: () => real! }),
      host,
    );
    expect(graph.inputs.length).toBe(values.size);
    const [slope] = grad(loss, [view!]);
    const { slope: numbersOf, loss: value } = await evaluate({ slope: slope!, loss }, feeds());
    expect(numbers(value!)[0]).toBeCloseTo(3 * Math.log(2), 0);
    expect(numbers(numbersOf!).every((v) => v !== 0)).toBe(true);
    expect([...values.keys()].filter((name) => name.startsWith('judge.conv'))).toHaveLength(6);
  });

  test('without real examples, and for texts, it is told what else would do', () => {
    const options = discriminator.options.parse({ kind: 'discriminator' });
    const pictures = hostOf({ batchSize: 2, example: picture(1, 8, 8) });
    const view = pictures.graph.input('view', { dtype: 'float32', shape: [2, 1, 8, 8] });
    expect(() => discriminator.loss(options, sceneOf(view, none), pictures.host)).toThrow(/no real examples.*`real: 100`/);
    const texts = hostOf({ batchSize: 2, example: { layout: 'tokens', shape: [2, 4], text } });
    expect(() => discriminator.loss(options, sceneOf(view, none), texts.host)).toThrow(/found texts/);
  });
});
