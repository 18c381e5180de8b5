import { describe, expect, it } from "vitest";
import { SMALL_UNETS, smallModel } from "./adapter-model.test.fixture.js";
import { adapterNames, sgmModules } from "./adapter-names.js";
import { unetModules } from "./names.js";

describe("sgmModules", () => {
  it.each(Object.entries(SMALL_UNETS))("undoes the numbering of single files: %s", (_, config) => {
    const modules = new Map([...sgmModules(config)].filter(([name]) => /^(input|output|middle)_block/.test(name)));
    modules.delete("input_blocks_0_0");
    const leaf = (module: string): string =>
      /_resnets_\d+$/.test(module)
        ? "in_layers.2.weight"
        : /_attentions_\d+$/.test(module)
          ? "proj_in.weight"
          : /downsamplers/.test(module)
            ? "op.weight"
            : "conv.weight";
    const dotted = (name: string) => name.replace(/_(?=\d)/g, ".");
    const file = [...modules].map(([name, module]) => `${dotted(name)}.${leaf(module)}`);
    const read = [...unetModules(file)].map(([name, module]) => [
      name.replaceAll(".", "_"),
      module.replaceAll(".", "_"),
    ]);
    expect(new Map(read as [string, string][])).toEqual(modules);
  });
});

describe("adapterNames", () => {
  const sd15 = adapterNames(smallModel(SMALL_UNETS.sd15, 1));
  const sdxl = adapterNames(smallModel(SMALL_UNETS.sdxl, 2));
  const q = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q";
  const layer = "text_model.encoder.layers.1";

  it.each([
    // kohya, LyCORIS, OneTrainer, diffusers, PEFT, ComfyUI
    ["lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q", "unet", q],
    ["lycoris_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q", "unet", q],
    ["oft_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q", "unet", q],
    ["lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q", "unet", q],
    ["lora_unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q", "unet", q],
    [`unet.${q}`, "unet", q],
    [`base_model.model.${q}`, "unet", q],
    [`unet.base_model.model.${q}`, "unet", q],
    [`base_model.model.unet.${q}`, "unet", q],
    [q, "unet", q],
    ["diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_q", "unet", q],
    ["model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn1.to_q", "unet", q],
    ["unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.processor.to_q", "unet", q],
    [
      "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.processor.to_out",
      "unet",
      "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_out.0",
    ],
    [`lora_te1_text_model_encoder_layers_1_mlp_fc1`, "text0", `${layer}.mlp.fc1`],
    [`lora_te_text_model_encoder_layers_1_mlp_fc1`, "text0", `${layer}.mlp.fc1`],
    [`lora_te2_text_model_encoder_layers_1_mlp_fc1`, "text1", `${layer}.mlp.fc1`],
    [`text_encoder.${layer}.self_attn.q_proj`, "text0", `${layer}.self_attn.q_proj`],
    [`text_encoder_2.${layer}.self_attn.q_proj`, "text1", `${layer}.self_attn.q_proj`],
    [`text_encoder.${layer}.self_attn.to_out`, "text0", `${layer}.self_attn.out_proj`],
    ["lora_te2_transformer_resblocks_1_mlp_c_proj", "text1", `${layer}.mlp.fc2`],
    ["lora_te2_transformer_resblocks_1_attn_out_proj", "text1", `${layer}.self_attn.out_proj`],
    ["lora_te2_transformer_resblocks_1_ln_2", "text1", `${layer}.layer_norm2`],
    ["lora_te2_text_projection", "text1", "text_projection"],
    ["text_encoders.clip_g.transformer.text_model.encoder.layers.1.mlp.fc1", "text1", `${layer}.mlp.fc1`],
  ])("%s", (spelled, network, module) => {
    expect(sdxl(spelled)).toEqual([{ network, module }]);
  });

  it.each([
    ["lora_unet_input_blocks_0_0", "conv_in"],
    ["lora_unet_out_2", "conv_out"],
    ["lora_unet_time_embed_0", "time_embedding.linear_1"],
    ["lora_unet_input_blocks_1_0_in_layers_2", "down_blocks.0.resnets.0.conv1"],
    ["lora_unet_input_blocks_1_0_emb_layers_1", "down_blocks.0.resnets.0.time_emb_proj"],
    ["lora_unet_input_blocks_3_0_op", "down_blocks.0.downsamplers.0.conv"],
    ["lora_unet_input_blocks_4_0_skip_connection", "down_blocks.1.resnets.0.conv_shortcut"],
    ["lora_unet_middle_block_1_proj_in", "mid_block.attentions.0.proj_in"],
    ["lora_unet_middle_block_2_out_layers_3", "mid_block.resnets.1.conv2"],
    ["lora_unet_output_blocks_2_1_conv", "up_blocks.0.upsamplers.0.conv"],
    ["lora_unet_output_blocks_5_2_conv", "up_blocks.1.upsamplers.0.conv"],
    [
      "lora_unet_output_blocks_5_1_transformer_blocks_0_ff_net_0_proj",
      "up_blocks.1.attentions.2.transformer_blocks.0.ff.net.0.proj",
    ],
  ])("%s in SD1.5's numbering", (spelled, module) => {
    expect(sd15(spelled)).toEqual([{ network: "unet", module }]);
  });

  it("splits a fused projection into the three that the network has", () => {
    const bands = sdxl("lora_te2_transformer_resblocks_0_attn_in_proj");
    expect(bands.map(({ module }) => module.split(".").at(-1))).toEqual(["q_proj", "k_proj", "v_proj"]);
    expect(bands.map(({ band }) => band)).toEqual([0, 1, 2].map((index) => ({ index, of: 3 })));
  });

  it.each([
    "",
    "lora_unet_",
    "lora_te3_text_model_encoder_layers_0_mlp_fc1",
    "lora_te2_text_model_encoder_layers_9_mlp_fc1",
    "lora_unet_double_blocks_0_img_attn_qkv",
    "__proto__",
    "constructor",
  ])("finds nothing for %j", (spelled) => {
    expect(sdxl(spelled)).toEqual([]);
  });

  it("has no second encoder on a model with one", () => {
    expect(sd15("lora_te2_text_model_encoder_layers_0_mlp_fc1")).toEqual([]);
  });
});
