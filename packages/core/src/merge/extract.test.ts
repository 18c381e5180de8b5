// Extracted LoRAs: what a LoRA added is found again, the error that is said is the true one, and the file loads as any LoRA does.
import { beforeAll, describe, expect, it } from "vitest";
import { adapterOnNetwork } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { tinyCheckpoint } from "../generate/tiny-pipeline.test.fixture.js";
import { parameterFolder } from "../graph/passes/adapter-fold.js";
import { computeOnce } from "../session/compute-once.js";
import type { TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { readTensor, readTensorBytes } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import type { TensorToWrite } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import { bakeCheckpoint } from "./bake.js";
import { type ExtractedLora, type ExtractOptions, extractLora } from "./extract.js";
import { fitted, mergeTools, networksOf } from "./merge-files.test.fixture.js";

const { folder, runtime } = mergeTools();

/** Pseudo-random, so that no product of factors is of lower rank. */
const draw = (seed: number) => (i: number) => Math.sin((i + 1) * (12.9898 + seed) + ((i * i) % 101)) / 4;

const lora = (module: string, down: readonly number[], out: number, seed: number): Record<string, TensorSpec> => ({
  [`${module}.lora_down.weight`]: [down, draw(seed)],
  [`${module}.lora_up.weight`]: [[out, down[0]!, ...down.slice(2).map(() => 1)], draw(seed + 0.5)],
});

/** A LoRA of rank 4 on a linear layer, a 1x1 and two 3x3 convolutions, and the text encoders. */
const LORAS: Readonly<Record<string, Record<string, TensorSpec>>> = {
  "sd15-tiny-f32": {
    ...lora("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k", [4, 128], 64, 1),
    ...lora("lora_unet_down_blocks_0_attentions_0_proj_in", [4, 64, 1, 1], 64, 2),
    ...lora("lora_unet_down_blocks_0_resnets_0_conv1", [4, 64, 3, 3], 64, 3),
    ...lora("lora_unet_conv_in", [4, 4, 3, 3], 64, 4),
    ...lora("lora_te_text_model_encoder_layers_1_mlp_fc1", [4, 128], 512, 5),
  },
  "sdxl-tiny": {
    ...lora("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", [4, 256], 128, 1),
    ...lora("lora_unet_down_blocks_0_resnets_0_conv1", [4, 64, 3, 3], 64, 3),
    ...lora("lora_te1_text_model_encoder_layers_1_mlp_fc2", [4, 512], 128, 5),
    ...lora("lora_te2_text_model_encoder_layers_0_self_attn_v_proj", [4, 128], 128, 6),
  },
};

/** The base with an adapter in it, single precision. */
async function tunedBy(base: Checkpoint, tensors: Readonly<Record<string, TensorSpec>>): Promise<Checkpoint> {
  const active = await fitted(base, await folder.file(tensors));
  expect([active.fit.unclaimed, active.fit.misfit]).toEqual([[], []]);
  const { tensors: written } = await bakeCheckpoint(base, [active], { runtime: runtime(), dtype: "f32" });
  return folder.checkpoint(written);
}

/** |tuned - base - what the LoRA adds| / |tuned - base|, with the LoRA loaded as any is. */
async function trueError(base: Checkpoint, tuned: Checkpoint, { tensors }: ExtractedLora): Promise<number> {
  const adapter = await fitted(base, await folder.write(tensors));
  expect(adapter.fit.unclaimed).toEqual([]);
  expect(adapter.fit.misfit).toEqual([]);
  let [left, all] = [0, 0];
  for (const [i, [network, weights]] of networksOf(base).entries()) {
    const present = adapterOnNetwork(adapter.id, adapter.fit, adapter, network);
    const { touched, fold } = parameterFolder(weights, present ? [present] : [], computeOnce(runtime()));
    for (const [name, tensor] of entriesOf(networksOf(tuned)[i]![1])) {
      const before = await readTensor(weights.get(name)!);
      const wanted = await readTensor(tensor);
      if (!touched.has(name) && Buffer.compare(new Uint8Array(before.buffer), new Uint8Array(wanted.buffer)) === 0)
        continue;
      const made = touched.has(name) ? ((await fold([name]))[name]!.data as Float32Array) : before;
      for (let k = 0; k < wanted.length; k++) {
        left += (wanted[k]! - made[k]!) ** 2;
        all += (wanted[k]! - before[k]!) ** 2;
      }
    }
  }
  return Math.sqrt(left / all);
}

const extracted = (base: Checkpoint, tuned: Checkpoint, options: Partial<ExtractOptions> = {}) =>
  extractLora(base, tuned, { runtime: runtime(), rank: { rank: 8 }, ...options });

describe.each([
  ["sd15-tiny-f32", ["lora_unet_", "lora_te_"]],
  ["sdxl-tiny", ["lora_unet_", "lora_te1_", "lora_te2_"]],
] as const)("%s with a LoRA in it", (spec, prefixes) => {
  it("gives the LoRA back to rounding: every layer, convolutions and text encoders too", async () => {
    const base = await tinyCheckpoint(spec);
    const original = await fitted(base, await folder.file(LORAS[spec]!));
    const tuned = await tunedBy(base, LORAS[spec]!);
    const found = await extracted(base, tuned, { dtype: "f32" });
    expect(found.layers.map(({ rank }) => rank)).toEqual(found.layers.map(() => 4));
    expect(found.left.names).toEqual([]);
    expect(Math.max(found.error, await trueError(base, tuned, found))).toBeLessThan(1e-5);
    const places = ({ networks: all }: typeof original.fit) =>
      [...all].flatMap(([network, deltas]) => deltas.map(({ module }) => `${network} ${module}`)).sort();
    const back = await fitted(base, await folder.write(found.tensors));
    expect(places(back.fit)).toEqual(places(original.fit));
    const names = found.tensors.map(({ name }) => name);
    for (const prefix of prefixes) expect(names.some((name) => name.startsWith(prefix))).toBe(true);
    expect(names.every((name) => /^lora_(unet|te\d?)_\w+\.(lora_down\.weight|lora_up\.weight|alpha)$/.test(name))).toBe(
      true,
    );
  });
});

it("takes a folder for either side, whose layers are named and turned otherwise", async () => {
  const base = await tinyCheckpoint("sdxl-tiny");
  const tuned = await tunedBy(base, LORAS["sdxl-tiny"]!);
  const [baseFolder, tunedFolder] = [await folder.diffusers(base), await folder.diffusers(tuned)];
  const ranks = ({ layers }: ExtractedLora) => layers.map(({ name, rank }) => `${name} ${rank}`).sort();
  const wanted = await extracted(base, tuned, { dtype: "f32" });
  for (const [one, other] of [
    [baseFolder, tuned],
    [base, tunedFolder],
    [baseFolder, tunedFolder],
  ] as const) {
    const found = await extracted(one, other, { dtype: "f32" });
    expect(ranks(found)).toEqual(ranks(wanted));
    expect(Math.max(found.error, await trueError(base, tuned, found))).toBeLessThan(1e-5);
  }
});

describe("what does not fit into the rank", () => {
  let base: Checkpoint;
  let tuned: Checkpoint;
  beforeAll(async () => {
    base = await tinyCheckpoint("sd15-tiny-f32");
    tuned = await tunedBy(base, {
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.diff": [[64, 128], draw(1)],
      "lora_unet_conv_in.diff": [[64, 4, 3, 3], draw(2)],
      ...lora("lora_te_text_model_encoder_layers_1_mlp_fc1", [4, 128], 512, 5),
    });
  });

  it.each(["f32", "f16", "bf16"] as const)("is the error that is said, rounding to %s included", async (dtype) => {
    const found = await extracted(base, tuned, { rank: { rank: 2 }, dtype });
    expect(found.error).toBeGreaterThan(0.05);
    expect(found.error / (await trueError(base, tuned, found))).toBeCloseTo(1, 3);
    expect(found.tensors.every(({ dtype: stored, name }) => stored === dtype || name.endsWith(".alpha"))).toBe(true);
  });

  it("shrinks with the rank; convolutions may have one of their own", async () => {
    const [low, high] = [
      await extracted(base, tuned, { rank: { rank: 1 } }),
      await extracted(base, tuned, { rank: { rank: 6 } }),
    ];
    expect(high.error).toBeLessThan(low.error);
    const apart = await extracted(base, tuned, { rank: { rank: 1 }, convRank: { rank: 3 } });
    const ranks = (kernel: boolean) =>
      new Set(
        apart.tensors.flatMap(({ name, shape }) =>
          name.endsWith("lora_down.weight") && (shape[2] ?? 1) > 1 === kernel ? [shape[0]] : [],
        ),
      );
    expect(ranks(false)).toEqual(new Set([1]));
    expect([...ranks(true)]).toContain(3);
  });

  it("an energy takes as many directions as hold it, layer by layer", async () => {
    const found = await extracted(base, tuned, { rank: { energy: 0.9, most: 64 }, dtype: "f32" });
    for (const { error } of found.layers) expect(1 - error ** 2).toBeGreaterThan(0.9 - 1e-5);
    expect(new Set(found.layers.map(({ rank }) => rank)).size).toBeGreaterThan(1);
    // one direction less would hold less
    for (const { name, rank } of found.layers.slice(0, 5).filter((layer) => layer.rank > 1)) {
      const less = await extracted(base, tuned, { rank: { rank: rank - 1 }, dtype: "f32" });
      expect(1 - less.layers.find((layer) => layer.name === name)!.error ** 2).toBeLessThan(0.9);
    }
    const capped = await extracted(base, tuned, { rank: { energy: 0.999, most: 3 } });
    expect(Math.max(...capped.layers.map(({ rank }) => rank))).toBe(3);
  });

  it("the text encoders can be left out", async () => {
    const found = await extracted(base, tuned, { text: false });
    expect(found.layers.every(({ name }) => name.startsWith("lora_unet_"))).toBe(true);
  });
});

it("biases and norms are counted and named, or kept whole", async () => {
  const base = await tinyCheckpoint("sd15-tiny-f32");
  const tuned = await tunedBy(base, {
    "lora_unet_down_blocks_0_attentions_0_norm.w_norm": [[64], draw(1)],
    "lora_unet_conv_in.diff_b": [[64], draw(2)],
    ...LORAS["sd15-tiny-f32"]!,
  });
  const without = await extracted(base, tuned, { dtype: "f32" });
  expect(without.left.names.length).toBeGreaterThan(0);
  expect(without.left.share).toBeGreaterThan(0);
  expect(without.error / (await trueError(base, tuned, without))).toBeCloseTo(1, 3);
  const whole = await extracted(base, tuned, { dtype: "f32", vectors: true });
  expect(whole.left).toEqual({ names: [], share: 0 });
  expect(await trueError(base, tuned, whole)).toBeLessThan(1e-5);
  expect(whole.tensors.some(({ name }) => name.endsWith(".w_norm"))).toBe(true);
});

it("a projection that one file stores the other way round is the same projection", async () => {
  const base = await tinyCheckpoint("sdxl-tiny");
  const [, encoder] = base.text;
  const stored = encoder!.weights.get("text_projection.weight")!;
  const values = await readTensor(stored);
  const side = stored.shape[0]!;
  const turned = values.map((_, i) => values[(i % side) * side + Math.floor(i / side)]! + (i % side === 3 ? 1 : 0));
  const { weights } = await openSafetensors(base.files[0]!);
  const tensors = [...entriesOf(weights)].map(([name, tensor]): TensorToWrite => {
    const { dtype, shape } = tensor;
    if (tensor.offset !== stored.offset)
      return {
        name,
        dtype,
        shape,
        chunks: async function* () {
          yield await readTensorBytes(tensor);
        },
      };
    return { name: `${name}.weight`, dtype: "f32", shape, chunks: () => [new Uint8Array(turned.buffer)] };
  });
  const found = await extracted(base, await folder.checkpoint(tensors), { dtype: "f32" });
  expect(found.layers.map(({ name, rank }) => [name, rank])).toEqual([["lora_te2_text_projection", 1]]);
  const [down, up] = await Promise.all(
    ["lora_down", "lora_up"].map(async (part) => {
      const file = await openSafetensors(await folder.write(found.tensors));
      return readTensor(file.weights.get(`lora_te2_text_projection.${part}.weight`)!);
    }),
  );
  // column 3 of the upright matrix moved by one
  expect(down![3]! * up![0]!).toBeCloseTo(1, 4);
  expect(Math.abs(down![4]! * up![0]!)).toBeLessThan(1e-4);
});

describe("what is refused", () => {
  it("models of two shapes, equal models, damaged ones", async () => {
    const base = await tinyCheckpoint();
    await expect(extracted(base, await tinyCheckpoint("sd21-tiny"))).rejects.toMatchObject({
      code: "extract-other-model",
      kind: "input",
    });
    await expect(extracted(base, base)).rejects.toMatchObject({ code: "extract-no-difference", kind: "input" });
    const biased = await tunedBy(base, { "lora_unet_conv_in.diff_b": [[64], draw(1)] });
    await expect(extracted(base, biased)).rejects.toMatchObject({
      code: "extract-no-difference",
      hint: expect.stringContaining("--vectors"),
    });
    const controller = new AbortController();
    const onProgress = (done: number) => void (done === 2 && controller.abort());
    await expect(extracted(base, base, { onProgress, signal: controller.signal })).rejects.toMatchObject({
      code: "interrupted",
    });
  });
});
