import { expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { conv } from '../../src/ops/conv.ts';
import { batchNormTrain } from '../../src/ops/norm.ts';
import { lower } from '../../src/passes/lower.ts';
import { blockOfProcessor, numbers, openGraph } from '../support/ort.ts';

const [n, c, size] = [16, 16, 8];

test.each([0, await blockOfProcessor()])('a mean far above the deviations costs no digits, in blocks of %i', async (block) => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [n, c, size, size] });
  const copy = new Float32Array(c * c).map((_, i) => Number(i % (c + 1) === 0));
  const w = graph.input('w', { dtype: 'float32', shape: [c, c, 1, 1] });
  const one = graph.constant({ dtype: 'float32', shape: [c], data: new Float32Array(c).fill(1) });
  graph.output('variance', batchNormTrain(conv(x, w), one, one).variance);

  const data = new Float32Array(n * c * size * size);
  random(1, 'x').fillNormal(data);
  for (let i = 0; i < data.length; i++) data[i]! += 1000;
  const session = await openGraph(lower(graph, { provider: 'cpu', block }));
  const { variance } = await session.run({
    x: { dtype: 'float32', shape: [n, c, size, size], data },
    w: { dtype: 'float32', shape: [c, c, 1, 1], data: copy },
  });
  await session.close();

  const area = size * size;
  numbers(variance!).forEach((v, channel) => {
    const own = Array.from(data).filter((_, i) => Math.floor(i / area) % c === channel);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const wanted = own.reduce((s, d) => s + (d - mean) ** 2, 0) / own.length;
    expect(Math.abs(v - wanted) / wanted).toBeLessThan(1e-5);
  });
});
