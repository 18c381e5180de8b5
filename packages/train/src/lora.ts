// A trainable LoRA as branches of a graph (Hu et al. 2021): y = Wx + (alpha / rank) up(down(x)), down and up being new weights named
// <module>.lora_down.weight and <module>.lora_up.weight. Not for adapters that lie in files: core applies those.
import {
  type Graph,
  type Node,
  type OpAttributes,
  type OpName,
  outputType,
  type Value,
  type WeightValue,
} from "@fewstep/core";

export interface LoraOptions {
  readonly rank: number;
  /** The branch counts alpha / rank. */
  readonly alpha: number;
  /** Which modules get a branch, by diffusers name; default `isLoraModule`. */
  readonly wanted?: (module: string) => boolean;
}

/** The layers that the published LCM-LoRA adapts: all of the residual blocks, transformers and samplers, none of the ends. */
const LORA_MODULES =
  /\.(to_q|to_k|to_v|to_out\.0|proj_in|proj_out|ff\.net\.0\.proj|ff\.net\.2|conv1|conv2|conv_shortcut|time_emb_proj|(down|up)samplers\.0\.conv)$/;

export const isLoraModule = (module: string): boolean => LORA_MODULES.test(module);

/** The graph with a branch beside every wanted linear layer and convolution. */
export function withLora(graph: Graph, { rank, alpha, wanted = isLoraModule }: LoraOptions): Graph {
  const own = new Set(graph.weights.map(({ id }) => id));
  const weights = new Map<string, WeightValue>();
  const nodes: Node[] = [];

  const weight = (id: string, shape: readonly number[]): WeightValue => {
    const value = weights.get(id) ?? { id, dtype: "f32", shape };
    weights.set(id, value);
    return value;
  };
  const op = <O extends OpName>(id: string, name: O, inputs: readonly Value[], attributes: OpAttributes[O]): Value => {
    const output = { id, ...outputType(name, inputs, attributes) };
    nodes.push({ op: name, inputs, output, attributes } as unknown as Node);
    return output;
  };

  for (const node of graph.nodes) {
    const module = node.inputs[1]?.id.replace(/\.weight$/, "");
    const adapted = module !== undefined && own.has(`${module}.weight`) && wanted(module);
    if (!adapted || (node.op !== "Linear" && node.op !== "Conv")) {
      nodes.push(node);
      continue;
    }
    // the sum takes the layer's id, so that whatever read the layer reads the sum
    const { id } = node.output;
    const base = { ...node.output, id: `${id}/base` };
    nodes.push({ ...node, output: base });
    const [x, { shape }] = [node.inputs[0]!, node.inputs[1]!];
    const [out, channels, ...kernel] = shape as [number, number, ...number[]];
    const ones = kernel.map(() => 1);
    const down = weight(`${module}.lora_down.weight`, [rank, channels, ...kernel]);
    const up = weight(`${module}.lora_up.weight`, [out, rank, ...ones]);
    const inner =
      node.op === "Conv"
        ? op(`${id}/down`, "Conv", [x, down], node.attributes)
        : op(`${id}/down`, "Linear", [x, down], {});
    const scaled = op(`${id}/scaled`, "Affine", [inner], { scale: alpha / rank, shift: 0 });
    const branch =
      node.op === "Conv"
        ? op(`${id}/up`, "Conv", [scaled, up], { strides: [1, 1], pads: [0, 0, 0, 0] })
        : op(`${id}/up`, "Linear", [scaled, up], {});
    nodes.push({ op: "Add", inputs: [base, branch], output: node.output, attributes: {} });
  }
  return { ...graph, weights: [...graph.weights, ...weights.values()], nodes };
}
