import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { gather, gatherElements, scatterElements, scatterNd } from '../../src/ops/gather.ts';
import { zeros } from '../../src/ops/movement.ts';
import { sum } from '../../src/ops/reduce.ts';
import { cpu, lowered, numbers, openGraph } from '../support/ort.ts';

const counting = (...shape: number[]): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
  );

const input = (graph: Graph, name: string, t: Tensor): Value => graph.input(name, { dtype: t.dtype, shape: t.shape });

async function outcome(y: Value, feeds: Readonly<Record<string, Tensor>>) {
  const graph = lowered({ y }, undefined, cpu);
  const session = await openGraph(graph);
  const found = await session.run(feeds);
  await session.close();
  return { y: numbers(found.y!), operators: graph.nodes.map((n) => n.op.onnx) };
}

const ids = tensor('int64', [3], [1, 0, 1]);

test.each([20, 200])('a table of %d rows that is looked up and multiplied gets one gradient', async (rows) => {
  const graph = new Graph();
  const x = counting(rows, 2);
  const table = input(graph, 'x', x);
  const loss = add(sum(mul(gather(table, graph.constant(ids)), 10)), sum(mul(table, input(graph, 'w', x))));
  const { y, operators } = await outcome(grad(loss, [table])[0]!, { x, w: x });
  expect(y.slice(0, 6)).toEqual([1 + 10, 2 + 10, 3 + 20, 4 + 20, 5, 6]);
  expect(operators).toContain('ScatterND');
  expect(operators).not.toContain('Add');
});

test('elements along an axis are added where they belong', async () => {
  const graph = new Graph();
  const x = counting(2, 3);
  const v = input(graph, 'x', x);
  const at = graph.constant(tensor('int64', [2, 1], [2, 0]));
  const loss = add(sum(mul(v, input(graph, 'w', x))), sum(gatherElements(v, at, 1)));
  const { y, operators } = await outcome(grad(loss, [v])[0]!, { x, w: x });
  expect(y).toEqual([1, 2, 4, 5, 5, 6]);
  expect(operators).not.toContain('Add');
});

test('what is read twice, written over, or begins at something else stays', async () => {
  const graph = new Graph();
  const x = counting(2, 2);
  const v = input(graph, 'x', x);
  const at = graph.constant(tensor('int64', [1, 1], [1]));
  const row = graph.constant(tensor('float32', [1, 2], [5, 5]));
  const empty = zeros(graph, v.type);
  const twice = scatterNd(empty, at, row, 'add');
  expect((await outcome(add(add(v, twice), twice), { x })).y).toEqual([1, 2, 13, 14]);
  expect((await outcome(add(v, scatterNd(empty, at, row)), { x })).y).toEqual([1, 2, 8, 9]);
  expect((await outcome(add(v, scatterNd(mul(v, 2), at, row, 'add')), { x })).y).toEqual([3, 6, 14, 17]);
  const places = graph.constant(tensor('int64', [1, 2], [0, 0]));
  expect((await outcome(add(v, scatterElements(empty, places, row, 0)), { x })).y).toEqual([6, 7, 3, 4]);
});
