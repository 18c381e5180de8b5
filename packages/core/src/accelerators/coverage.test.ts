// How much of a LoRA in the published layout finds its place in models of both families.
import { describe, expect, it } from "vitest";
import { fitAdapter } from "../families/adapter-fit.js";
import { SMALL_UNETS, smallModel } from "../families/adapter-model.test.fixture.js";
import { fileWith, type TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { adapterCoverage } from "./coverage.js";

const model = smallModel(SMALL_UNETS.sdxl, 2);
const lora = (
  module: string,
  out: number,
  input: number,
  kernel: readonly number[] = [],
): Record<string, TensorSpec> => ({
  [`lora_unet_${module}.lora_down.weight`]: [[2, input, ...kernel]],
  [`lora_unet_${module}.lora_up.weight`]: [[out, 2, ...kernel.map(() => 1)]],
});
const coverage = async (tensors: Record<string, TensorSpec>) =>
  adapterCoverage(fitAdapter(await parseAdapter("a", await fileWith(tensors)), model));

const fitting = {
  ...lora("down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q", 64, 64),
  ...lora("down_blocks_1_resnets_0_conv1", 64, 64, [3, 3]),
  ...lora("down_blocks_1_resnets_0_time_emb_proj", 64, 128),
};

describe("adapterCoverage", () => {
  it("counts kinds of layers where everything fits", async () => {
    const { part, kinds } = await coverage(fitting);
    expect(part).toBe(1);
    expect(Object.fromEntries(kinds)).toEqual({ attention: 1, convolution: 1, time: 1 });
  });

  it("names and shapes that do not fit lower it", async () => {
    expect((await coverage({ ...fitting, ...lora("down_blocks_9_resnets_0_conv1", 64, 64, [3, 3]) })).part).toBe(0.75);
    expect((await coverage({ ...fitting, ...lora("down_blocks_1_resnets_1_conv1", 32, 64, [3, 3]) })).part).toBe(0.75);
  });
});
