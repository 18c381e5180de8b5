// CLIP text encoders: CLIP-L (Radford et al. 2021) and OpenCLIP H and bigG, all in the text_model naming of transformers.
// Token embeddings are looked up outside: the table is the largest tensor and only 77 rows of it are needed.
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, GraphOutput, Value } from "../graph/graph.js";
import { layerNorm, linear } from "./blocks/layers.js";

export interface ClipTextConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: "QuickGelu" | "Gelu";
  readonly feedForward: number;
  readonly positions: number;
  /** Width of the projected pooled state, where the checkpoint has text_projection. */
  readonly projectionWidth?: number;
  /** OpenCLIP stores text_projection as [in, out], transformers as [out, in]. */
  readonly projectionLayout?: "in-out" | "out-in";
}

export interface ClipTextRequest {
  readonly batch: number;
  readonly tokens: number;
  /** States before which layer counts from the end: 1 the last layer's, 2 the penultimate ... */
  readonly skip: number;
  /** Whether the final norm is applied to the states (SD1.5, SD2) or not (SDXL). */
  readonly normed: boolean;
  /** Whether the pooled, projected state is wanted (SDXL's second encoder). */
  readonly pooled: boolean;
  /** Whether what attention sees is an input, `attention_bias` [1, 1, T, T], and not the usual triangle. Default false. */
  readonly biased?: boolean;
}

/** Softmax(q k^T / sqrt(d) + bias) v in heads, where the bias is no constant of the graph. */
function biasedAttention(b: GraphBuilder, heads: number, [q, k, v]: readonly Value[], bias: Value): Value {
  const [batch, tokens, width] = q!.shape as readonly [number, number, number];
  const split = (x: Value) =>
    b.op("Transpose", [b.op("Reshape", [x], { shape: [batch, tokens, heads, width / heads] })], {
      permutation: [0, 2, 1, 3],
    });
  const scaled = b.op("Affine", [split(q!)], { scale: Math.sqrt(heads / width), shift: 0 });
  const scores = b.op("MatMul", [scaled, split(k!)], { transposeA: false, transposeB: true });
  const seen = b.op("Softmax", [b.op("Add", [scores, bias])]);
  const mixed = b.op("MatMul", [seen, split(v!)], { transposeA: false, transposeB: false });
  return b.op("Reshape", [b.op("Transpose", [mixed], { permutation: [0, 2, 1, 3] })], {
    shape: [batch, tokens, width],
  });
}

function layer(b: GraphBuilder, config: ClipTextConfig, index: number, input: Value, bias: Value | undefined): Value {
  return b.module(`encoder.layers.${index}`, () => {
    let x = input;
    const h = layerNorm(b, "layer_norm1", x);
    const attended = b.module("self_attn", () => {
      const inputs = ["q_proj", "k_proj", "v_proj"].map((name) => linear(b, name, h, config.width));
      const mixed =
        bias === undefined
          ? b.op("Attention", inputs, { heads: config.heads, causal: true })
          : biasedAttention(b, config.heads, inputs, bias);
      return linear(b, "out_proj", mixed, config.width);
    });
    x = b.op("Add", [x, attended]);
    const normed = layerNorm(b, "layer_norm2", x);
    const fed = b.module("mlp", () =>
      linear(b, "fc2", b.op(config.activation, [linear(b, "fc1", normed, config.feedForward)]), config.width),
    );
    return b.op("Add", [x, fed]);
  });
}

interface Encoded {
  /** Token and position embeddings, then the state after each layer, none of them normed. */
  readonly hidden: readonly Value[];
  readonly norm: (x: Value) => Value;
  /** The final-normed last state at the end token, and its projection where there is one. */
  readonly pooled: Value;
  readonly projected: Value | undefined;
}

function encode(
  b: GraphBuilder,
  config: ClipTextConfig,
  { batch, tokens, biased = false }: Pick<ClipTextRequest, "batch" | "tokens" | "biased">,
): Encoded {
  const { width } = config;
  const embedded = b.input("embedded", [batch, tokens, width]);
  // one-hot over tokens: picks the state of the first end token exactly
  const endToken = b.input("end_token", [batch, 1, tokens]);
  const bias = biased ? b.input("attention_bias", [1, 1, tokens, tokens]) : undefined;
  return b.scope("text_model", () => {
    const positions = b.weight("embeddings.position_embedding.weight", [config.positions, width]);
    const used = b.op("Slice", [positions], { axis: 0, start: 0, end: tokens });
    const hidden = [b.op("Add", [embedded, used])];
    for (let i = 0; i < config.layers; i++) hidden.push(layer(b, config, i, hidden[i]!, bias));
    const norm = (x: Value) => layerNorm(b, "final_layer_norm", x);
    const picked = b.op("MatMul", [endToken, norm(hidden.at(-1)!)], { transposeA: false, transposeB: false });
    return { hidden, norm, pooled: b.op("Reshape", [picked], { shape: [batch, width] }), projected: undefined };
  });
}

function project(b: GraphBuilder, config: ClipTextConfig, pooled: Value): Value | undefined {
  const { width, projectionWidth: out, projectionLayout } = config;
  if (out === undefined) return undefined;
  return projectionLayout === "in-out"
    ? b.op("MatMul", [pooled, b.weight("text_projection.weight", [width, out])], {
        transposeA: false,
        transposeB: false,
      })
    : linear(b, "text_projection", pooled, out, false);
}

/** Inputs: embedded [N, T, width], end_token [N, 1, T], and attention_bias if asked. Outputs: states [N, T, width], and pooled [N, projection] if asked. */
export function clipText(config: ClipTextConfig, request: ClipTextRequest): Graph {
  const b = new GraphBuilder("text");
  const { hidden, norm, pooled } = encode(b, config, request);
  const state = hidden.at(-request.skip)!;
  const outputs: GraphOutput[] = [
    { name: "states", value: request.normed ? b.scope("text_model", () => norm(state)) : state },
  ];
  if (request.pooled) outputs.push({ name: "pooled", value: project(b, config, pooled) ?? pooled });
  return b.finish(outputs);
}

/** Every state a text encoder has, for tests: hidden.i, last.normed, penultimate.normed, pooled, pooled.projected. */
export function clipTextStates(config: ClipTextConfig, batch: number, tokens: number): Graph {
  const b = new GraphBuilder("text");
  const { hidden, norm, pooled } = encode(b, config, { batch, tokens });
  const outputs: GraphOutput[] = hidden.map((value, i) => ({ name: `hidden.${i}`, value }));
  b.scope("text_model", () => {
    outputs.push({ name: "last.normed", value: norm(hidden.at(-1)!) });
    outputs.push({ name: "penultimate.normed", value: norm(hidden.at(-2)!) });
  });
  outputs.push({ name: "pooled", value: pooled });
  const projected = project(b, config, pooled);
  if (projected !== undefined) outputs.push({ name: "pooled.projected", value: projected });
  return b.finish(outputs);
}
