// Adapters as part of the graph, their strengths as inputs: y = Wx + strength * alpha / rank * up(down(x)) for LoRA on linear layers and
// convolutions, and W + strength * delta computed from the factors, as often as the graph runs, for everything else. The base weights stay
// where they are, so adding, changing and dropping adapters touches no file; folding (adapter-fold.ts) costs time once instead.
import { FewstepError } from "../../errors.js";
import type { LoraDelta, PlacedDelta } from "../../weights/adapters/adapter.js";
import type { Weights } from "../../weights/weights.js";
import type { Graph, Node, NodeOf, Value } from "../graph.js";
import { adaptedWeight } from "./adapter-delta.js";
import { AdapterParts, type NetworkAdapter } from "./adapter-parts.js";

interface Applied {
  readonly id: string;
  readonly factor: number;
  readonly placed: PlacedDelta;
}
type LowRank = Applied & { readonly placed: PlacedDelta & { readonly delta: LoraDelta } };

export interface BranchedGraph {
  readonly graph: Graph;
  /** The factors, to be laid over the base weights: names begin with `adapter:`, so none is hidden. */
  readonly weights: Weights;
  /** Parameters that deltas are for and the graph does not read (embedding tables looked up outside, layers cut off). */
  readonly outside: readonly string[];
}

/** Deltas by the parameter that they change. Throws `adapter-twice` when two adapters share an id. */
export function deltasByParameter(adapters: readonly NetworkAdapter[]): ReadonlyMap<string, readonly Applied[]> {
  const byParameter = new Map<string, Applied[]>();
  const ids = new Set<string>();
  for (const { id, deltas, factor } of adapters) {
    if (ids.has(id)) {
      throw new FewstepError({
        code: "adapter-twice",
        message: "an adapter is asked for twice",
        found: id,
        hint: "ask for it once, with the sum of the strengths",
      });
    }
    ids.add(id);
    for (const placed of deltas) {
      const name = `${placed.module}.${placed.parameter}`;
      const applied = { id, factor: factor?.(placed.module) ?? 1, placed };
      const known = byParameter.get(name);
      if (known === undefined) byParameter.set(name, [applied]);
      else known.push(applied);
    }
  }
  return byParameter;
}

/**
 * The graph with the adapters in it, and a scalar input `strength:ID` for each that it has a place for. To be applied once a graph, with
 * all adapters. Throws `adapter-twice`.
 */
export function withAdapterBranches(graph: Graph, adapters: readonly NetworkAdapter[]): BranchedGraph {
  const byParameter = deltasByParameter(adapters);
  const parts = new AdapterParts();
  const own = new Set(graph.weights.map(({ id }) => id));
  const adapted = new Map<string, Value>();
  const replaced = new Map<string, Value>();

  const weightWith = (weight: Value, deltas: readonly Applied[]): Value => {
    const known = adapted.get(weight.id);
    if (known !== undefined) return known;
    const value = adaptedWeight(parts, weight, deltas);
    adapted.set(weight.id, value);
    return value;
  };

  for (const node of graph.nodes) {
    const branches: LowRank[] = [];
    const inputs = node.inputs.map((input, index) => {
      const deltas = input !== undefined && own.has(input.id) ? byParameter.get(input.id) : undefined;
      if (deltas === undefined) return input && (replaced.get(input.id) ?? input);
      const beside = deltas.filter((one): one is LowRank => index === 1 && isBranch(node, one));
      branches.push(...beside);
      const inside = deltas.filter((one) => !beside.includes(one as LowRank));
      return inside.length === 0 ? input : weightWith(input!, inside);
    });
    const rewritten = { ...node, inputs } as Node;
    parts.nodes.push(rewritten);
    let output = node.output;
    for (const branch of branches) output = parts.op("Add", [output, lowRank(parts, rewritten, branch)]);
    if (branches.length > 0) replaced.set(node.output.id, output);
  }

  const final = (value: Value): Value => replaced.get(value.id) ?? value;
  return {
    graph: Object.freeze({
      ...graph,
      inputs: [...graph.inputs, ...parts.inputs()],
      outputs: graph.outputs.map(({ name, value }) => ({ name, value: final(value) })),
      weights: [...graph.weights, ...parts.weightValues()],
      constants: [...graph.constants, ...parts.constants],
      nodes: parts.nodes,
      modules: new Map([...graph.modules].map(([name, value]) => [name, final(value)])),
    }),
    weights: parts.weights(),
    outside: [...byParameter.keys()].filter((name) => !own.has(name)),
  };
}

function isBranch(node: Node, { placed }: Applied): boolean {
  return (node.op === "Linear" || node.op === "Conv") && placed.delta.kind === "lora" && !placed.transposed;
}

/** strength * alpha / rank * up(mid(down(x))), scaled where it is smallest: between down and up. */
function lowRank(parts: AdapterParts, node: Node, { id, factor, placed: { delta } }: LowRank): Value {
  const scale = parts.ofStrength(id, (factor * delta.alpha) / delta.rank);
  const x = node.inputs[0]!;
  const out = node.output.shape[node.op === "Conv" ? 1 : node.output.shape.length - 1]!;
  if (node.op !== "Conv") {
    const down = parts.factor(id, delta.down, [delta.rank, x.shape.at(-1)!]);
    const inner = parts.op("Mul", [parts.op("Linear", [x, down, undefined]), scale]);
    return parts.op("Linear", [inner, parts.factor(id, delta.up, [out, delta.rank]), undefined]);
  }
  const inner = parts.op("Mul", [convolvedDown(parts, id, node, delta, x), scale]);
  const up = parts.factor(id, delta.up, [out, inner.shape[1]!, 1, 1]);
  return parts.op("Conv", [inner, up, undefined], POINTWISE);
}

const POINTWISE = { strides: [1, 1], pads: [0, 0, 0, 0] } as const;

/** down has the layer's kernel, strides and pads; with a middle, that has them and down is pointwise. */
function convolvedDown(parts: AdapterParts, id: string, node: NodeOf<"Conv">, delta: LoraDelta, x: Value): Value {
  const [, channels, ...kernel] = node.inputs[1]!.shape as [number, number, number, number];
  if (delta.mid === undefined) {
    const down = parts.factor(id, delta.down, [delta.rank, channels, ...kernel]);
    return parts.op("Conv", [x, down, undefined], node.attributes);
  }
  const down = parts.factor(id, delta.down, [delta.rank, channels, 1, 1]);
  const pointwise = parts.op("Conv", [x, down, undefined], POINTWISE);
  return parts.op("Conv", [pointwise, parts.factor(id, delta.mid), undefined], node.attributes);
}
