// Walks along the links of a ComfyUI graph, against the flow: from a sampler to its texts, its model, its size. Every walk remembers
// where it was, so cyclic graphs end in an error instead of a hang.

import { FewstepError } from "../../errors.js";
import type { ComfyGraph, ComfyNode } from "./comfyui-graph.js";
import type { Json } from "./json.js";

/** Inputs of nodes that only hold a value ("PrimitiveInt", "String Literal", "Seed" ...). */
const VALUE_INPUTS = ["value", "Value", "text", "string", "int", "float", "number", "seed", "noise_seed"] as const;

/** 16 value nodes in a row; real graphs have 2 or 3. Keeps walks along long chains linear. */
const MAX_VALUE_LINKS = 16;

/** The node an input is linked to; undefined if the input is not linked. Errors: `comfyui-missing-node`. */
export function sourceOf(graph: ComfyGraph, node: ComfyNode, input: string): ComfyNode | undefined {
  const link = node.links.get(input);
  if (link === undefined) return undefined;
  const source = graph.get(link.node);
  if (source === undefined) {
    throw new FewstepError({
      code: "comfyui-missing-node",
      message: "a ComfyUI graph links to a node that is not there",
      found: `node ${node.id} (${node.type}), input "${input}", links to ${link.node}`,
      expected: "a complete graph",
    });
  }
  return source;
}

/**
 * The chain that begins at `node`'s `inputs[0]` and goes on along the first of `inputs` that each node has linked, nearest first.
 * Errors: `comfyui-cycle`, `comfyui-missing-node`.
 */
export function chainOf(graph: ComfyGraph, node: ComfyNode, inputs: readonly string[]): readonly ComfyNode[] {
  const seen = new Set<string>([node.id]);
  const chain: ComfyNode[] = [];
  let current: ComfyNode | undefined = node;
  while (current !== undefined) {
    const input: string | undefined = inputs.find((name) => current?.links.has(name)) ?? anyInput(current);
    const next: ComfyNode | undefined = input === undefined ? undefined : sourceOf(graph, current, input);
    if (next !== undefined) {
      if (seen.has(next.id)) throw cycle(next);
      seen.add(next.id);
      chain.push(next);
    }
    current = next;
  }
  return chain;
}

/** The nodes and everything they depend on through `inputs`, each once, breadth first. Errors: `comfyui-missing-node`. */
export function reachableFrom(
  graph: ComfyGraph,
  starts: readonly ComfyNode[],
  inputs: (name: string) => boolean,
): readonly ComfyNode[] {
  const found = new Map(starts.map((node) => [node.id, node]));
  // A Map is walked in the order of insertion, entries added on the way included.
  for (const current of found.values()) {
    for (const name of current.links.keys()) {
      const next = inputs(name) || anyInput(current) === name ? sourceOf(graph, current, name) : undefined;
      if (next !== undefined) found.set(next.id, next);
    }
  }
  return [...found.values()];
}

/** The value of an input: its own, or that of the value nodes it is linked to. */
export function inputValue(
  graph: ComfyGraph,
  node: ComfyNode | undefined,
  ...names: readonly string[]
): Json | undefined {
  let current = node;
  let wanted = names;
  for (let links = 0; current !== undefined && links <= MAX_VALUE_LINKS; links++) {
    const here: ComfyNode = current;
    const own = wanted.find((name) => here.values.has(name));
    if (own !== undefined) return here.values.get(own);
    const linked = wanted.find((name) => here.links.has(name)) ?? (here === node ? undefined : anyInput(here));
    current = linked === undefined ? undefined : sourceOf(graph, here, linked);
    wanted = VALUE_INPUTS;
  }
  return undefined;
}

/** A reroute hands on whatever it gets, whatever the input is called. */
function anyInput(node: ComfyNode): string | undefined {
  return node.type === "Reroute" ? node.links.keys().next().value : undefined;
}

function cycle(node: ComfyNode): FewstepError {
  return new FewstepError({
    code: "comfyui-cycle",
    message: "a ComfyUI graph runs in a circle",
    found: `node ${node.id} (${node.type}) depends on itself`,
    expected: "a graph without cycles",
  });
}
