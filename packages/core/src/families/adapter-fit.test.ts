import { describe, expect, it } from "vitest";
import { FewstepError } from "../errors.js";
import { fileWith, type TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { type AdapterFit, adapterOnNetwork, fitAdapter, fitNotes } from "./adapter-fit.js";
import { SMALL_UNETS, smallModel } from "./adapter-model.test.fixture.js";

const MODEL = smallModel(SMALL_UNETS.sd15, 2);
const CONV = "lora_unet_mid_block_resnets_0_conv1";
const BLOCK = "lora_unet_mid_block_attentions_0_transformer_blocks_0";

const pair = (module: string, down: readonly number[], up: readonly number[]): Record<string, TensorSpec> => ({
  [`${module}.lora_down.weight`]: [down],
  [`${module}.lora_up.weight`]: [up],
});

const fit = async (tensors: Record<string, TensorSpec>, model = MODEL): Promise<AdapterFit> =>
  fitAdapter(await parseAdapter("a.safetensors", await fileWith(tensors)), model);

async function failure(work: Promise<unknown>): Promise<FewstepError> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof FewstepError) return error;
  throw error ?? new Error("nothing was thrown");
}

describe("fitAdapter", () => {
  it("places deltas by network", async () => {
    const { networks, unclaimed, misfit } = await fit({
      ...pair(CONV, [2, 64, 3, 3], [64, 2, 1, 1]),
      ...pair("lora_te1_text_model_encoder_layers_0_mlp_fc1", [2, 64], [128, 2]),
    });
    expect([...networks.keys()].sort()).toEqual(["text0", "unet"]);
    expect(networks.get("unet")).toMatchObject([{ module: "mid_block.resnets.0.conv1", parameter: "weight" }]);
    expect([unclaimed, misfit]).toEqual([[], []]);
  });

  it("takes a linear layer and a 1x1 convolution for the same", async () => {
    const module = "lora_unet_mid_block_attentions_0_proj_in";
    expect((await fit(pair(module, [2, 64], [64, 2]))).misfit).toEqual([]);
    expect((await fit(pair(module, [2, 64, 1, 1], [64, 2, 1, 1]))).misfit).toEqual([]);
    const linear = `${BLOCK}_attn1_to_q`;
    expect((await fit(pair(linear, [2, 64, 1, 1], [64, 2, 1, 1]))).misfit).toEqual([]);
  });

  it("applies both of two spellings of one module", async () => {
    const { networks } = await fit({
      ...pair(CONV, [2, 64, 3, 3], [64, 2, 1, 1]),
      ...pair("lora_unet_middle_block_0_in_layers_2", [2, 64, 3, 3], [64, 2, 1, 1]),
    });
    expect(networks.get("unet")!.map(({ module }) => module)).toEqual([
      "mid_block.resnets.0.conv1",
      "mid_block.resnets.0.conv1",
    ]);
  });

  it("splits a fused projection by rows", async () => {
    const { networks } = await fit(pair("lora_te2_transformer_resblocks_1_attn_in_proj", [2, 64], [192, 2]));
    const placed = networks.get("text1")!;
    expect(placed.map(({ module }) => module.split(".").at(-1))).toEqual(["q_proj", "k_proj", "v_proj"]);
    const ups = placed.map(({ delta }) => (delta.kind === "lora" ? delta.up : undefined));
    expect(ups.map((up) => up!.shape)).toEqual([
      [64, 2],
      [64, 2],
      [64, 2],
    ]);
    expect(ups.map((up) => up!.offset - ups[0]!.offset)).toEqual([0, 512, 1024]);
  });

  it("turns what is for a projection stored as [in, out]", async () => {
    const { networks } = await fit(pair("lora_te2_text_projection", [2, 64], [96, 2]));
    expect(networks.get("text1")).toMatchObject([{ module: "text_projection", transposed: true }]);
  });

  it("reports names that mean nothing by count and the first five", async () => {
    const unknown = Object.assign({}, ...[0, 1, 2].map((i) => pair(`lora_unet_nowhere_${i}`, [2, 4], [4, 2])));
    const result = await fit({ ...pair(CONV, [2, 64, 3, 3], [64, 2, 1, 1]), ...unknown });
    expect(result.unclaimed).toHaveLength(6);
    expect(fitNotes(result)).toEqual([
      'a.safetensors: 6 tensors the model has no place for: "lora_unet_nowhere_0.lora_down.weight", ' +
        '"lora_unet_nowhere_0.lora_up.weight", "lora_unet_nowhere_1.lora_down.weight", ' +
        '"lora_unet_nowhere_1.lora_up.weight", "lora_unet_nowhere_2.lora_down.weight" ...',
    ]);
  });

  it("reports shapes that disagree, also of a bias where there is none", async () => {
    const result = await fit({
      ...pair(CONV, [2, 64, 3, 3], [64, 2, 1, 1]),
      ...pair("lora_unet_mid_block_resnets_0_conv2", [2, 64, 1, 1], [64, 2, 1, 1]),
      [`${BLOCK}_attn1_to_q.diff_b`]: [[64]],
    });
    expect(result.misfit).toEqual([
      { module: `${BLOCK}_attn1_to_q`, found: "[64]", expected: "no bias at all" },
      { module: "lora_unet_mid_block_resnets_0_conv2", found: "[64,64,1,1]", expected: "[64,64,3,3]" },
    ]);
    expect(fitNotes(result)).toHaveLength(1);
  });

  it("names both families in one line", async () => {
    const error = await failure(fit(pair(`${BLOCK}_attn2_to_k`, [2, 2048], [64, 2])));
    expect(error.code).toBe("adapter-family");
    expect(error.summary).toBe("a.safetensors is for Stable Diffusion XL, the model is Stable Diffusion 1.x");
    expect(error.summary).not.toContain("\n");
  });

  it("refuses what has no place at all", async () => {
    const error = await failure(fit(pair("lora_unet_double_blocks_0_img_attn_qkv", [2, 4], [4, 2])));
    expect(error.code).toBe("adapter-no-match");
    expect(error.found).toContain("2 tensors the model has no place for");
  });
});

describe("adapterOnNetwork", () => {
  it("gives each network its strength and each block its factor", async () => {
    const result = await fit({
      ...pair(CONV, [2, 64, 3, 3], [64, 2, 1, 1]),
      ...pair("lora_te1_text_model_encoder_layers_0_mlp_fc1", [2, 64], [128, 2]),
    });
    const request = { strengthUnet: 0.5, strengthText: 0, blocks: { mid_block: 2, "mid_block.resnets.0": 3, mid: 9 } };
    const unet = adapterOnNetwork("a", result, request, "unet")!;
    expect(unet.strength).toBe(0.5);
    expect(unet.factor!("mid_block.resnets.0.conv1")).toBe(3);
    expect(unet.factor!("mid_block.resnets.1.conv1")).toBe(2);
    expect(unet.factor!("up_blocks.0.resnets.0.conv1")).toBe(1);
    expect(adapterOnNetwork("a", result, request, "text0")!.strength).toBe(0);
    expect(adapterOnNetwork("a", result, request, "text1")).toBeUndefined();
  });
});
