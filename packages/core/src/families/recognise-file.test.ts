// Each kind by a handful of the names (and the telling shapes) that its published files have, plus the files that are no safetensors.
import { describe, expect, it } from "vitest";
import { FewstepError } from "../errors.js";
import { fileOf, rawFile } from "../weights/raw-file.test.fixture.js";
import { type LazyTensor, weightsOf } from "../weights/weights.js";
import { adapterMarks } from "./adapter-marks.js";
import { FOREIGN } from "./foreign.js";
import { KIND_RULES } from "./model-kinds.js";
import { type FileKind, recogniseFile, recogniseWeights, requireKind } from "./recognise-file.js";

type Shapes = Readonly<Record<string, readonly number[]>>;
const file = fileOf("x.safetensors");
const weights = (shapes: Shapes) =>
  weightsOf(
    Object.entries(shapes).map(([name, shape]): [string, LazyTensor] => [
      name,
      { name, dtype: "f16", shape, file, offset: 0, byteLength: 0 },
    ]),
  );
const named = (...names: readonly string[]): Shapes => Object.fromEntries(names.map((name) => [name, [8, 8]]));
const recognise = (shapes: Shapes, metadata: Readonly<Record<string, string>> = {}) =>
  recogniseWeights(weights(shapes), new Map(Object.entries(metadata)));

const LDM = "model.diffusion_model.";
const unet = (channels: number, context: number, prefix = LDM): Shapes => ({
  [`${prefix}time_embed.0.weight`]: [1280, 320],
  [`${prefix}input_blocks.0.0.weight`]: [320, channels, 3, 3],
  [`${prefix}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight`]: [640, context],
});
const diffusersUnet = (channels: number, context: number): Shapes => ({
  "conv_in.weight": [320, channels, 3, 3],
  "time_embedding.linear_1.weight": [1280, 320],
  "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": [640, context],
});
const vae: Shapes = {
  "first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3],
  "first_stage_model.decoder.up.0.block.0.conv1.weight": [128, 256, 3, 3],
};
const clipL = named("cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight");
const clipG = named(
  "conditioner.embedders.1.model.ln_final.weight",
  "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias",
);

describe("usable kinds, with family and input channels where the file tells", () => {
  it.each([
    ["SD1.5", "checkpoint", "sd15", 4, { ...unet(4, 768), ...vae, ...clipL }],
    [
      "SD2.1",
      "checkpoint",
      "sd21",
      4,
      { ...unet(4, 1024), ...vae, ...named("cond_stage_model.model.ln_final.weight") },
    ],
    [
      "SDXL",
      "checkpoint",
      "sdxl",
      4,
      { ...unet(4, 2048), [`${LDM}label_emb.0.0.weight`]: [1280, 2816], ...vae, ...clipG },
    ],
    ["SD1.5 for inpainting", "checkpoint", "sd15", 9, { ...unet(9, 768), ...vae, ...clipL }],
    ["a checkpoint without VAE", "checkpoint", "sd15", 4, { ...unet(4, 768), ...clipL }],
    ["a family by no known width", "checkpoint", undefined, 4, { ...unet(4, 128), ...vae, ...clipL }],
    ["a UNet, LDM names", "unet", "sdxl", 4, unet(4, 2048)],
    ["a UNet, bare LDM names", "unet", "sdxl", 4, unet(4, 2048, "")],
    ["a UNet, diffusers names", "unet", "sd15", 4, diffusersUnet(4, 768)],
    [
      "a VAE, LDM names",
      "vae",
      undefined,
      undefined,
      { "decoder.conv_in.weight": [512, 4, 3, 3], "decoder.up.0.block.0.conv1.weight": [8] },
    ],
    [
      "a VAE, diffusers names",
      "vae",
      undefined,
      undefined,
      { "decoder.conv_in.weight": [512, 4, 3, 3], "decoder.up_blocks.0.resnets.0.conv1.weight": [8] },
    ],
    ["a VAE under its checkpoint prefix", "vae", undefined, undefined, vae],
    [
      "TAESD's decoder",
      "taesd",
      undefined,
      undefined,
      { "1.weight": [64, 4, 3, 3], "3.conv.0.weight": [64, 64, 3, 3], "19.weight": [3, 64, 3, 3] },
    ],
    [
      "TAESD's encoder",
      "taesd",
      undefined,
      undefined,
      { "0.weight": [64, 3, 3, 3], "1.conv.0.weight": [64, 64, 3, 3], "14.weight": [4, 64, 3, 3] },
    ],
    [
      "TAESD, diffusers names",
      "taesd",
      undefined,
      undefined,
      {
        "decoder.layers.0.weight": [64, 4, 3, 3],
        "decoder.layers.2.conv.0.weight": [64, 64, 3, 3],
        "encoder.layers.0.weight": [64, 3, 3, 3],
      },
    ],
    [
      "CLIP-L",
      "text-encoder",
      undefined,
      undefined,
      named("text_model.embeddings.position_ids", "text_model.encoder.layers.0.self_attn.q_proj.weight"),
    ],
    [
      "OpenCLIP",
      "text-encoder",
      undefined,
      undefined,
      named("transformer.resblocks.0.attn.in_proj_weight", "ln_final.weight"),
    ],
    ["an embedding", "embedding", undefined, undefined, { emb_params: [16, 768] }],
    ["an SDXL embedding", "embedding", undefined, undefined, { clip_l: [8, 768], clip_g: [8, 1280] }],
  ] as const)("%s", (_, kind, family, inputChannels, shapes) => {
    const found = recognise(shapes as Shapes);
    expect([found.kind, found.family, found.inputChannels]).toEqual([kind, family, inputChannels]);
    expect(found.remedy).toBeUndefined();
    expect(found.title).not.toContain("*");
    expect(Object.keys(shapes)).toContain(found.evidence);
  });
});

const q = "attn2_to_k";
const KOHYA = `lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_${q}`;

describe("adapters: algorithms, spelling, family", () => {
  it.each([
    [
      "kohya",
      ["lora"],
      "sd15",
      { [`${KOHYA}.alpha`]: [], [`${KOHYA}.lora_down.weight`]: [4, 768], [`${KOHYA}.lora_up.weight`]: [320, 4] },
    ],
    ["kohya", ["lora"], "sd21", { [`${KOHYA}.lora_down.weight`]: [4, 1024] }],
    [
      "kohya",
      ["lora"],
      "sdxl",
      { [`lora_unet_input_blocks_4_1_transformer_blocks_0_${q}.lora_down.weight`]: [4, 2048] },
    ],
    ["kohya", ["lora"], "sdxl", { "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": [4, 1280] }],
    ["kohya", ["loha"], "sd15", { [`${KOHYA}.hada_w1_a`]: [320, 4], [`${KOHYA}.hada_w1_b`]: [4, 768] }],
    ["kohya", ["lokr"], undefined, { [`${KOHYA}.lokr_w1`]: [8, 8], [`${KOHYA}.lokr_w2_a`]: [8, 2] }],
    ["kohya", ["oft"], undefined, { [`oft_${KOHYA.slice(5)}.oft_blocks`]: [4, 80, 80] }],
    ["kohya", ["boft"], undefined, { [`${KOHYA}.oft_blocks`]: [5, 16, 20, 20] }],
    ["kohya", ["glora"], "sd15", { [`${KOHYA}.b1.weight`]: [320, 4], [`${KOHYA}.b2.weight`]: [4, 768] }],
    ["kohya", ["glora"], "sdxl", { [`${KOHYA}.b1.weight`]: [4, 2048], [`${KOHYA}.b2.weight`]: [640, 4] }],
    ["kohya", ["ia3"], undefined, { [`${KOHYA}.on_input`]: [], [`${KOHYA}.weight`]: [320] }],
    ["lycoris", ["lora"], "sd15", { [`lycoris_${KOHYA.slice(5)}.lora_down.weight`]: [4, 768] }],
    ["kohya", ["dora", "lora"], "sd15", { [`${KOHYA}.dora_scale`]: [320, 1], [`${KOHYA}.lora_down.weight`]: [4, 768] }],
    [
      "kohya",
      ["difference"],
      "sd15",
      { [`${KOHYA}.diff`]: [320, 768], lora_unet_conv_norm_out_w_norm: [1], "x.w_norm": [320] },
    ],
    [
      "peft",
      ["lora"],
      "sdxl",
      { "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": [4, 2048] },
    ],
    [
      "peft",
      ["lora"],
      "sd15",
      { "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.default.weight": [4, 768] },
    ],
    [
      "diffusers",
      ["lora"],
      "sd15",
      { "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora.down.weight": [4, 768] },
    ],
    [
      "attention-processor",
      ["lora"],
      "sd15",
      { "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight": [4, 768] },
    ],
    [
      "peft",
      ["lora"],
      "sdxl",
      { "diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.lora_A.weight": [4, 2048] },
    ],
  ] as const)("%s %j for %s", (spelling, algorithms, family, shapes) => {
    const found = recognise(shapes as Shapes);
    expect([found.kind, found.family]).toEqual(["adapter", family]);
    expect(found.adapter?.spelling).toBe(spelling);
    expect([...(found.adapter?.algorithms ?? [])].toSorted()).toEqual(algorithms);
  });

  it("asks the metadata only where the widths are silent", () => {
    const silent = named("lora_unet_conv_in.lora_down.weight");
    expect(recognise(silent, { ss_base_model_version: "sdxl_base_v1-0" }).family).toBe("sdxl");
    expect(recognise(silent, { ss_base_model_version: "sd_v1" }).family).toBe("sd15");
    expect(recognise(silent, { "modelspec.architecture": "stable-diffusion-v2-768-v/lora" }).family).toBe("sd21");
    expect(
      recognise({ [`${KOHYA}.lora_down.weight`]: [4, 768] }, { ss_base_model_version: "sdxl_base_v1-0" }).family,
    ).toBe("sd15");
  });

  it.each([
    ["flux-lora", "lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight"],
    ["flux-lora", "transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight"],
    ["sd3-lora", "lora_unet_joint_blocks_0_context_block_attn_qkv.lora_down.weight"],
    ["wan-lora", "diffusion_model.blocks.0.self_attn.q.lora_A.weight"],
    ["qwen-lora", "transformer.transformer_blocks.0.img_mlp.net.0.proj.lora_A.weight"],
    ["transformer-lora", "transformer.transformer_blocks.0.attn.to_q.lora_A.weight"],
    ["other-adapter", `${KOHYA}.oft_R.default.weight`],
    ["other-adapter", `${KOHYA}.ia3_l.default`],
  ] as const)("%s: %s", (kind, name) => {
    expect(recognise(named(name))).toMatchObject({ kind, evidence: name, remedy: FOREIGN[kind].remedy });
  });

  it("no part of a checkpoint looks like one", () => {
    expect(adapterMarks(weights({ ...unet(4, 768), ...vae, ...clipL, ...clipG }))).toBeUndefined();
  });
});

describe("foreign models, each with its remedy", () => {
  const cases: readonly (readonly [keyof typeof FOREIGN, Shapes])[] = [
    [
      "sdxl-refiner",
      { ...unet(4, 1280), ...vae, ...named("conditioner.embedders.0.model.transformer.resblocks.9.mlp.c_proj.bias") },
    ],
    ["sdxl-refiner", { ...diffusersUnet(4, 1280), "add_embedding.linear_1.weight": [1536, 2560] }],
    ["instruct-pix2pix", { ...unet(8, 768), ...vae, ...clipL }],
    ["depth-checkpoint", { ...unet(5, 1024), ...vae }],
    ["sd-upscaler", { ...unet(7, 1024), ...vae }],
    ["other-unet", diffusersUnet(12, 768)],
    ["unclip", { ...unet(4, 1024), ...vae, ...named("embedder.model.visual.proj") }],
    ["stable-video-diffusion", { ...unet(8, 1024), [`${LDM}input_blocks.1.0.time_stack.in_layers.0.weight`]: [320] }],
    [
      "kolors",
      {
        ...diffusersUnet(4, 2048),
        "encoder_hid_proj.weight": [2048, 4096],
        "add_embedding.linear_1.weight": [1280, 5632],
      },
    ],
    ["deepfloyd-if", { ...named("conv_in.weight", "encoder_hid_proj.weight", "add_embedding.pool.k_proj.weight") }],
    ["flux", named("double_blocks.0.img_attn.norm.key_norm.scale", "img_in.weight", "txt_in.weight")],
    ["flux", { ...named(`${LDM}double_blocks.0.img_attn.qkv.weight`), ...vae }],
    ["flux", named("single_transformer_blocks.0.attn.to_q.weight", "x_embedder.weight", "context_embedder.weight")],
    ["chroma", named("distilled_guidance_layer.norms.0.scale", "double_blocks.0.img_attn.norm.key_norm.scale")],
    ["sd3", named(`${LDM}joint_blocks.0.context_block.adaLN_modulation.1.bias`, `${LDM}x_embedder.proj.weight`)],
    ["sd3", named("transformer_blocks.0.attn.add_k_proj.weight", "context_embedder.weight", "pos_embed.proj.weight")],
    ["qwen-image", named("transformer_blocks.0.attn.add_k_proj.weight", "txt_norm.weight", "img_in.weight")],
    ["stable-cascade", named("clf.1.weight", "clip_txt_mapper.weight")],
    ["stable-cascade", named("vquantizer.codebook.weight", "in_block.1.weight")],
    ["pixart", named("t_block.1.weight", "y_embedder.y_embedding")],
    ["aura-flow", named("double_layers.0.attn.w1q.weight", "positional_encoding")],
    ["hunyuan-dit", named("mlp_t5.0.weight", "x_embedder.proj.weight")],
    [
      "hunyuan-video",
      named("txt_in.individual_token_refiner.blocks.0.norm1.weight", "double_blocks.0.img_attn.qkv.weight"),
    ],
    ["lumina-z-image", named("cap_embedder.1.weight", "noise_refiner.0.attention.k_norm.weight")],
    ["hidream", named("caption_projection.0.linear.weight")],
    ["sana", named("caption_projection.linear_1.weight", "transformer_blocks.0.ff.conv_inverted.weight")],
    ["ltx", named(`${LDM}adaln_single.emb.timestep_embedder.linear_1.bias`, `${LDM}patchify_proj.weight`)],
    ["wan", named(`${LDM}head.modulation`, `${LDM}blocks.0.self_attn.q.weight`, `${LDM}patch_embedding.weight`)],
    ["cogvideox", named("transformer_blocks.0.norm1.linear.weight", "patch_embed.text_proj.weight")],
    ["mochi", named("t5_yproj.weight", "blocks.0.attn.qkv_x.weight")],
    ["cosmos", named("net.blocks.block0.blocks.0.block.attn.to_q.0.weight")],
    ["stable-audio", named("model.model.transformer.rotary_pos_emb.inv_freq", "model.model.to_global_embed.0.weight")],
    ["language-model", named("model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight")],
    ["t5", named("shared.weight", "encoder.block.0.layer.0.SelfAttention.q.weight")],
    ["clip-vision", named("vision_model.encoder.layers.0.self_attn.q_proj.weight", "visual_projection.weight")],
    ["safety-checker", named("concept_embeds", "vision_model.vision_model.encoder.layers.0.mlp.fc1.weight")],
    [
      "controlnet",
      named(
        "control_model.input_hint_block.0.weight",
        "control_model.input_blocks.0.0.weight",
        "control_model.time_embed.0.weight",
      ),
    ],
    ["controlnet", { ...unet(4, 768, ""), ...named("zero_convs.0.0.weight") }],
    [
      "controlnet",
      {
        ...diffusersUnet(4, 768),
        ...named("controlnet_cond_embedding.conv_in.weight", "controlnet_down_blocks.0.weight"),
      },
    ],
    [
      "control-lora",
      {
        lora_controlnet: [0],
        ...named("input_blocks.1.0.in_layers.2.up", "input_hint_block.0.weight", "time_embed.0.lora_down.weight"),
      },
    ],
    ["t2i-adapter", named("body.0.block1.weight", "conv_in.weight")],
    ["t2i-adapter", named("adapter.body.0.resnets.0.block1.weight", "adapter.conv_in.weight")],
    ["ip-adapter", named("image_proj.proj.weight", "ip_adapter.1.to_k_ip.weight")],
    ["motion-module", named("down_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight")],
    ["gligen", named("position_net.linears.0.weight", "input_blocks.1.1.transformer_blocks.0.fuser.attn.to_q.weight")],
    ["upscaler", named("model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight")],
    ["upscaler", named("conv_first.weight", "body.0.rdb1.conv1.weight", "conv_last.weight")],
    ["upscaler", named("conv_first.weight", "layers.0.residual_group.blocks.0.attn.qkv.weight")],
    ["flux-vae", { "decoder.conv_in.weight": [512, 16, 3, 3], "decoder.up.0.block.0.conv1.weight": [8] }],
    ["flux-vae", { "decoder.conv_in.conv.weight": [512, 16, 3, 3, 3] }],
    ["flux-vae", named("decoder.middle.0.residual.0.gamma", "decoder.conv1.weight")],
    ["flux-taesd", { "1.weight": [64, 16, 3, 3], "3.conv.0.weight": [64, 64, 3, 3] }],
    ["flux-taesd", { "0.weight": [64, 3, 3, 3], "1.conv.0.weight": [64, 64, 3, 3], "14.weight": [16, 64, 3, 3] }],
    ["quantised", { ...unet(4, 2048), ...named(`${LDM}out.2.weight.quant_state.bitsandbytes__nf4`), ...clipG }],
    ["quantised", { scaled_fp8: [0], ...unet(4, 2048) }],
    ["unknown", named("something.weight", "else.bias")],
    ["unknown", {}],
  ];

  it.each(cases)("%s", (kind, shapes) => {
    const found = recognise(shapes);
    expect(found.kind).toBe(kind);
    expect(found).toMatchObject({ title: FOREIGN[kind].title, remedy: FOREIGN[kind].remedy });
  });

  it("every kind and every rule of the tables is tried above", () => {
    const adapters = new Set(["flux-lora", "sd3-lora", "wan-lora", "qwen-lora", "transformer-lora", "other-adapter"]);
    const tried = new Set<string>(cases.map(([kind]) => kind));
    expect(Object.keys(FOREIGN).filter((kind) => !tried.has(kind) && !adapters.has(kind))).toEqual([]);
    expect(KIND_RULES.filter(({ kind }) => kind in FOREIGN && !tried.has(kind))).toEqual([]);
  });
});

it("titles say family and purpose", () => {
  expect(recognise({ ...unet(9, 768), ...vae, ...clipL }).title).toBe(
    "a Stable Diffusion 1.x checkpoint, for inpainting",
  );
  expect(recognise(unet(4, 2048)).title).toBe("a Stable Diffusion XL UNet alone");
});

describe("files", () => {
  const read = async (text: string | Uint8Array) => recogniseFile(fileOf("x.safetensors", text));

  it("that are no safetensors are an answer with a remedy", async () => {
    const kinds: readonly (readonly [FileKind, string | Uint8Array])[] = [
      ["empty", ""],
      ["pickle", Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20)],
      ["gguf", "GGUF\u0003\0\0\0\u0010\0\0\0"],
      ["html", "<!DOCTYPE html><html><body>Log in</body></html>"],
      ["json", '{"error":"Unauthorized"}'],
      ["lfs-pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:9f63\nsize 503787\n"],
      ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3)],
    ];
    for (const [kind, bytes] of kinds) {
      const found = await read(bytes);
      expect(found.kind).toBe(kind);
      expect(found.remedy).toBeTruthy();
      expect(found.file).toBeUndefined();
    }
  });

  it("that are safetensors come opened; damaged ones keep the reader's error", async () => {
    const header = '{"emb_params":{"dtype":"U8","shape":[1,768],"data_offsets":[0,768]}}';
    const found = await recogniseFile(rawFile(header, 768));
    expect(found.kind).toBe("embedding");
    expect(found.file?.weights.has("emb_params")).toBe(true);
    await expect(recogniseFile(rawFile(header, 700))).rejects.toMatchObject({ code: "safetensors-truncated" });
  });

  it("of another kind than wanted are refused with name, evidence and remedy", () => {
    const source = fileOf("x.safetensors");
    const flux = recognise(named("double_blocks.0.img_attn.qkv.weight"));
    let error: unknown;
    try {
      requireKind(source, flux, ["checkpoint"]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FewstepError);
    expect(error).toMatchObject({
      code: "model-is-flux",
      found: 'a tensor named "double_blocks.0.img_attn.qkv.weight"',
      hint: FOREIGN.flux.remedy,
    });
    expect((error as FewstepError).message).toContain("x.safetensors cannot be used here: this is a FLUX model");
    expect(() => requireKind(source, recognise(unet(4, 768)), ["checkpoint", "unet"])).not.toThrow();
    expect(() => requireKind(source, { kind: "html", title: "a web page (HTML)" }, ["checkpoint"])).toThrow(
      "a web page",
    );
  });

  it("are recognised in milliseconds, also with the most hostile names allowed", () => {
    const many = weights(
      Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`${"a.".repeat(500)}${i}`, [1]])),
    );
    const started = performance.now();
    expect(recogniseWeights(many).kind).toBe("unknown");
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
