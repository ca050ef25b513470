import type { Model, ModelGraph, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { readersOf, resultOf } from '../node.ts';
import { absorbed, type Facts, type Form, ruleOf } from './operators.ts';

/** A node that becomes 8 bits. */
export interface Chosen {
  readonly node: ModelNode;
  readonly form: Form;
  /** The value that is rounded behind it (its own result, or that of the Relu after it); undefined where it gives float32. */
  readonly rounded: string | undefined;
}

export interface Kept {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
}

export interface Plan {
  /** In the order of the graph. */
  readonly chosen: readonly Chosen[];
  readonly kept: readonly Kept[];
}

export interface PlanOptions {
  readonly products: boolean;
  readonly smallest: number;
  /** Why a node stays, by name. */
  readonly stays: (node: ModelNode) => string | undefined;
}

/**
 * Decides which nodes become 8 bits: first those that are worth it by themselves, then those between them that would otherwise make
 * their neighbours convert to float32 and back.
 */
export function planInt8({ graph, opsets }: Model, { products, smallest, stays }: PlanOptions): Plan {
  const facts: Facts = {
    opset: opsets.get('') ?? 0,
    products,
    smallest,
    weight: (name) => {
      const t = name ? graph.initializers.get(name) : undefined;
      return t?.dtype === 'float32' ? t : undefined;
    },
    isInitializer: (name) => name !== undefined && graph.initializers.has(name),
  };
  const around = surroundings(graph);
  const chosen = new Map<ModelNode, Chosen>();
  const kept: Kept[] = [];
  const keep = (node: ModelNode, reason: string): void => void kept.push({ node: node.name, op: node.op, reason });
  const choose = (node: ModelNode, form: Form): void =>
    void chosen.set(node, { node, form, rounded: form.result === 'float' ? undefined : around.anchor(node) });

  for (const node of graph.nodes) {
    const rule = ruleOf(node);
    if (rule?.kind !== 'seed') continue;
    const form = stays(node) ?? rule.form(node, facts);
    if (typeof form === 'string') keep(node, form);
    else choose(node, form);
  }

  const wanted = wantedBy(
    graph,
    around,
    (node) => chosen.has(node),
    (node) => ruleOf(node)?.kind === 'follows' && !stays(node),
  );
  const rounded = new Set([...chosen.values()].flatMap((c) => c.rounded ?? []));
  for (const node of graph.nodes) {
    const rule = ruleOf(node);
    if (rule?.kind !== 'follows' || !wanted(node)) continue;
    const form = rule.form(node, facts);
    if (typeof form === 'string') continue;
    const ready = form.activations.filter((at) => rounded.has(node.inputs[at]!));
    const enough = form.result === 'own' ? ready.length > 0 : ready.length === form.activations.length;
    if (!enough) continue;
    choose(node, form);
    rounded.add(chosen.get(node)!.rounded!);
  }
  return { chosen: graph.nodes.flatMap((n) => chosen.get(n) ?? []), kept };
}

interface Surroundings {
  readonly readers: (name: string) => readonly ModelNode[];
  /** Where the result of a node is rounded. */
  anchor(node: ModelNode): string;
}

function surroundings(graph: ModelGraph): Surroundings {
  const table = readersOf(graph, reads);
  const results = new Set(graph.outputs.map((v) => v.name));
  const readers = (name: string): readonly ModelNode[] => table.get(name) ?? [];
  return {
    readers,
    anchor: (node) => {
      const [next, ...others] = readers(resultOf(node));
      const takesIn = next && others.length === 0 && !results.has(resultOf(node)) && absorbed.has(next.op) && next.domain === '';
      return takesIn ? resultOf(next) : resultOf(node);
    },
  };
}

/** Whether somebody behind a node reads 8 bits: a chosen node, or one between that is wanted itself. */
function wantedBy(
  graph: ModelGraph,
  { readers, anchor }: Surroundings,
  isChosen: (node: ModelNode) => boolean,
  mayFollow: (node: ModelNode) => boolean,
): (node: ModelNode) => boolean {
  const known = new Map<ModelNode, boolean>();
  for (const node of [...graph.nodes].reverse()) {
    if (!mayFollow(node)) continue;
    known.set(
      node,
      readers(anchor(node)).some((next) => isChosen(next) || known.get(next) === true),
    );
  }
  return (node) => known.get(node) === true;
}
