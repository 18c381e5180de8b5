// Trainable LoRA branches: the same as weights with the product folded in.
import { GraphBuilder } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { draw, generator } from "./gradient/draw.test.fixture.js";
import { smallUnet } from "./gradient/small-unet.test.fixture.js";
import { interpret } from "./interpreter/interpret.test.fixture.js";
import { build, type Nd } from "./interpreter/nd.test.fixture.js";
import { isLoraModule, withLora } from "./lora.js";

const [RANK, ALPHA] = [2, 3];

function layers() {
  const b = new GraphBuilder("layers");
  const x = b.input("x", [2, 3, 5, 5]);
  const weights = ["conv.weight", "linear.weight", "linear.bias"] as const;
  const attributes = { strides: [2, 2], pads: [1, 1, 0, 0] } as const;
  const y = b.op("Conv", [x, b.weight(weights[0], [4, 3, 3, 3]), undefined], attributes);
  const flat = b.op("Reshape", [y], { shape: [2, 4, 4] });
  const z = b.module("linear", () => b.op("Linear", [flat, b.weight("weight", [6, 4]), b.weight("bias", [6])]));
  return b.finish([{ name: "z", value: z }]);
}

/** W + alpha / rank * sum over r of up[o, r] down[r, ...]. */
function merged(weight: Nd, up: Nd, down: Nd): Nd {
  const columns = weight.data.length / weight.shape[0]!;
  return build(weight.shape, (_, flat) => {
    const [row, column] = [Math.floor(flat / columns), flat % columns];
    let sum = 0;
    for (let r = 0; r < RANK; r++) sum += up.data[row * RANK + r]! * down.data[r * columns + column]!;
    return weight.data[flat]! + (ALPHA / RANK) * sum;
  });
}

describe("withLora", () => {
  it("adds (alpha / rank) up(down(x)) to linear layers and strided convolutions", () => {
    const graph = layers();
    const adapted = withLora(graph, { rank: RANK, alpha: ALPHA, wanted: () => true });
    const random = generator(3);
    const feeds = new Map(
      [...adapted.inputs, ...adapted.weights].map(({ id, shape }) => [id, draw(shape, random, [-1, 1])]),
    );
    const folded = new Map(feeds);
    for (const module of ["conv", "linear"]) {
      const factor = (part: string) => feeds.get(`${module}.lora_${part}.weight`)!;
      folded.set(`${module}.weight`, merged(feeds.get(`${module}.weight`)!, factor("up"), factor("down")));
    }
    const [actual, expected] = [interpret(adapted, feeds), interpret(graph, folded)].map((out) => out.get("z")!.data);
    expect(Math.max(...actual!.map((v, i) => Math.abs(v - expected![i]!)))).toBeLessThan(1e-13);
  });

  it("keeps the ids by which layers are read, tapped and named", () => {
    const graph = layers();
    const adapted = withLora(graph, { rank: 1, alpha: 1, wanted: (module) => module === "linear" });
    expect(adapted.outputs).toEqual(graph.outputs);
    expect(adapted.modules.get("linear")).toEqual(graph.modules.get("linear"));
    expect(adapted.weights.map(({ id }) => id)).toEqual([
      "conv.weight",
      "linear.weight",
      "linear.bias",
      "linear.lora_down.weight",
      "linear.lora_up.weight",
    ]);
  });

  it("adapts the modules of the published LCM-LoRA and none of the ends", () => {
    const modules = [...smallUnet().modules.keys()];
    const wanted = modules.filter(isLoraModule);
    for (const end of ["conv_in", "conv_out", "time_embedding.linear_1", "conv_norm_out"])
      expect(isLoraModule(end)).toBe(false);
    const norms = wanted.filter((module) => /norm/.test(module));
    expect(norms).toEqual([]);
    // 8 residual blocks with 2 convolutions and a time projection, 5 of them with a shortcut; 4 transformers of 12 layers; 2 samplers
    expect(wanted.length).toBe(8 * 3 + 5 + 4 * 12 + 2);
    expect(isLoraModule("mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0")).toBe(true);
  });
});
