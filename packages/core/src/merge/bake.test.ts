// Baked files against folding, for every kind of adapter: the same numbers, rounded to the file's type; everything else as it was.
import { describe, expect, it } from "vitest";
import { type ActiveAdapter, adapterOnNetwork } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import { type Checkpoint, openCheckpoint } from "../families/checkpoint.js";
import { tinyCheckpoint } from "../generate/tiny-pipeline.test.fixture.js";
import { foldAdapters } from "../graph/passes/adapter-fold.js";
import { computeOnce } from "../session/compute-once.js";
import { foldFile } from "../session/fold-file.js";
import { fromFloat32, toFloat32 } from "../tensor/convert.js";
import { bitsOf } from "../tensor/dtype.js";
import { bytesOf } from "../weights/adapters/adapter-file.test.fixture.js";
import { MULTIPLYING, multiplyingTensors } from "../weights/adapters/multiplying-file.test.fixture.js";
import { readTensor, readTensorBytes } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import { layoutSafetensors, writeSafetensors } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import type { Weights } from "../weights/weights.js";
import { type BakeDType, bakeCheckpoint } from "./bake.js";
import { fitted, mergeTools, networksOf } from "./merge-files.test.fixture.js";

const { folder, runtime } = mergeTools();

const baked = async (checkpoint: Checkpoint, adapters: readonly ActiveAdapter[], dtype: BakeDType) => {
  const { tensors, metadata, ...rest } = await bakeCheckpoint(checkpoint, adapters, { runtime: runtime(), dtype });
  const source = await folder.write(tensors, metadata);
  return { source, ...rest };
};

async function folded(weights: Weights, network: NetworkId, adapters: readonly ActiveAdapter[]): Promise<Weights> {
  const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, network) ?? []);
  return foldAdapters(weights, present, { compute: computeOnce(runtime()), sink: foldFile({ folder: folder.path }) });
}

/** Parameters whose values are not those of folding, rounded to the stored type. */
async function misses(checkpoint: Checkpoint, result: Checkpoint, adapters: readonly ActiveAdapter[]) {
  const wrong: string[] = [];
  let moved = 0;
  for (const [i, [network, weights]] of networksOf(checkpoint).entries()) {
    const expected = await folded(weights, network, adapters);
    const [, written] = networksOf(result)[i]!;
    expect([...written.names].sort()).toEqual([...weights.names].sort());
    for (const [name, tensor] of entriesOf(written)) {
      const want = await readTensor(expected.get(name)!);
      if (expected.get(name)!.dtype === "f32" && weights.get(name)!.dtype !== "f32") moved++;
      const rounded = toFloat32(fromFloat32(want, tensor.dtype), tensor.dtype);
      const got = await readTensor(tensor);
      if (got.length !== rounded.length || got.some((value, k) => value !== rounded[k])) wrong.push(name);
    }
  }
  return { wrong, moved };
}

const CASES: readonly (readonly [checkpoint: string, adapters: readonly string[]])[] = [
  ["sd15-tiny", ["sd15-lora-kohya"]],
  ["sd15-tiny", ["sd15-locon-mid", "sd15-loha"]],
  ["sd15-tiny", ["sd15-lokr"]],
  ["sd15-tiny", ["sd15-dora-in"]],
  ["sd15-tiny", ["sd15-full-diff"]],
  ["sd15-tiny", ["sd15-attn-procs"]],
  ["sdxl-tiny", ["sdxl-lora-kohya-sgm"]],
];

describe.each(CASES)("%s with %s", (spec, names) => {
  it("is the folded weights in single precision, under the names of the base file", async () => {
    const checkpoint = await tinyCheckpoint(spec);
    const adapters = await Promise.all(
      names.map((name, i) => fitted(checkpoint, name, { strengthUnet: 0.7 - i, strengthText: 0.4 })),
    );
    const { source, changed } = await baked(checkpoint, adapters, "f32");
    const { wrong, moved } = await misses(checkpoint, await openCheckpoint(source), adapters);
    expect(wrong).toEqual([]);
    expect(moved).toBeGreaterThanOrEqual(changed);
    expect(changed).toBeGreaterThan(0);
    const before = await openSafetensors(checkpoint.files[0]!);
    const after = await openSafetensors(source);
    expect([...after.weights.names].sort()).toEqual([...before.weights.names].sort());
  });
});

it.each(Object.keys(MULTIPLYING))("%s in the weights is the folded one", async (kind) => {
  const checkpoint = await tinyCheckpoint();
  const file = await folder.file(multiplyingTensors(kind, checkpoint));
  const adapters = [await fitted(checkpoint, file, { strengthUnet: 0.7, strengthText: 0.4 })];
  const { source, changed } = await baked(checkpoint, adapters, "f32");
  const { wrong, moved } = await misses(checkpoint, await openCheckpoint(source), adapters);
  expect(wrong).toEqual([]);
  expect(moved).toBe(changed);
  expect(changed).toBeGreaterThan(20);
});

describe("the stored type", () => {
  const spec = "sdxl-tiny";
  const open = async (dtype: BakeDType) => {
    const checkpoint = await tinyCheckpoint(spec);
    const adapters = [await fitted(checkpoint, "sdxl-lora-kohya-sgm", { strengthUnet: 0.5 })];
    const { source } = await baked(checkpoint, adapters, dtype);
    return { checkpoint, adapters, source, result: await openCheckpoint(source) };
  };

  it.each(["f16", "bf16", "f8e4m3", "f8e5m2"] as const)("%s is the folded weights rounded once", async (dtype) => {
    const { checkpoint, adapters, result } = await open(dtype);
    expect((await misses(checkpoint, result, adapters)).wrong).toEqual([]);
    const types = (weights: Weights, axes: (n: number) => boolean) =>
      new Set([...entriesOf(weights)].filter(([, { shape }]) => axes(shape.length)).map(([, tensor]) => tensor.dtype));
    const small = bitsOf(dtype) === 8;
    expect(types(result.unet.weights, (n) => n > 1)).toEqual(new Set([dtype]));
    expect(types(result.text[1]!.weights, (n) => n > 1)).toEqual(new Set([dtype]));
    expect(types(result.unet.weights, (n) => n === 1)).toEqual(new Set([small ? "f16" : dtype]));
    expect(types(result.vae!.weights, () => true)).toEqual(new Set([small ? "f16" : dtype]));
  });

  it("keep: every tensor as the base file has it, untouched ones to the last bit", async () => {
    const { checkpoint, source } = await open("keep");
    const before = (await openSafetensors(checkpoint.files[0]!)).weights;
    const after = (await openSafetensors(source)).weights;
    for (const [name, tensor] of entriesOf(before)) expect(after.get(name)!.dtype).toBe(tensor.dtype);
    for (const name of [
      "first_stage_model.decoder.conv_in.weight",
      "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight",
    ]) {
      const [one, other] = [await readTensorBytes(after.get(name)!), await readTensorBytes(before.get(name)!)];
      expect(Buffer.compare(one, other)).toBe(0);
    }
  });
});

it("keeps metadata but for digests of the base, and says what was baked", async () => {
  const checkpoint = await tinyCheckpoint("sdxl-tiny");
  const adapter = await fitted(checkpoint, "sdxl-lora-kohya-sgm", { strengthUnet: 0.5, blocks: { mid_block: 0 } });
  const { metadata } = await bakeCheckpoint(checkpoint, [adapter], { runtime: runtime() });
  expect(metadata).toMatchObject({ "modelspec.architecture": expect.any(String) });
  expect(Object.keys(metadata).filter((key) => key.includes("hash"))).toEqual([]);
  expect(JSON.parse(metadata["fewstep.baked"]!)).toEqual([
    { name: adapter.fit.adapter.name, strengthUnet: 0.5, strengthText: 1, blocks: { mid_block: 0 } },
  ]);
});

describe("what is refused", () => {
  it("an adapter with NaN, strengths by step", async () => {
    const checkpoint = await tinyCheckpoint();
    const bytes = await bytesOf({
      "lora_unet_conv_in.lora_down.weight": [[2, 4, 3, 3], () => Number.NaN],
      "lora_unet_conv_in.lora_up.weight": [[64, 2, 1, 1]],
    });
    const source = { name: "bad.safetensors", blob: new Blob([bytes]) };
    const bad = await fitted(checkpoint, source);
    await expect(bakeCheckpoint(checkpoint, [bad], { runtime: runtime() })).rejects.toMatchObject({
      code: "adapter-not-finite",
      kind: "input",
    });
    const stepped = await fitted(checkpoint, "sd15-lora-kohya", { strengthSteps: [1, 0] });
    await expect(bakeCheckpoint(checkpoint, [stepped], { runtime: runtime() })).rejects.toMatchObject({
      code: "bake-step-strengths",
    });
  });

  it("weights that the type cannot hold, and a base that is damaged", async () => {
    const checkpoint = await tinyCheckpoint("sd15-tiny-f32");
    const strong = await fitted(checkpoint, "sd15-lora-kohya", { strengthUnet: 100 });
    await expect(baked(checkpoint, [{ ...strong, strengthUnet: 1e6 }], "f16")).rejects.toMatchObject({
      code: "weight-not-in-dtype",
      kind: "input",
    });
    const [name] = [...strong.fit.networks.get("unet")!].map(({ module }) => `${module}.weight`);
    const damaged = await withNaN(checkpoint, name!);
    await expect(baked(damaged, [strong], "keep")).rejects.toMatchObject({ code: "weight-not-finite", kind: "input" });
  });
});

/** The checkpoint in a file of its own, one number of one UNet weight gone. */
async function withNaN(checkpoint: Checkpoint, parameter: string): Promise<Checkpoint> {
  const { weights } = await openSafetensors(checkpoint.files[0]!);
  const bad = checkpoint.unet.weights.get(parameter)!;
  const tensors = await Promise.all(
    [...entriesOf(weights)].map(async ([name, tensor]) => {
      const { dtype, shape } = tensor;
      const bytes = (await readTensorBytes(tensor)).slice();
      if (tensor.offset === bad.offset) bytes.fill(0xff, 0, 4);
      return { name, dtype, shape, chunks: () => [bytes] };
    }),
  );
  return folder.checkpoint(tensors);
}

it("passes a file of any size through a few megabytes of memory, and stops when asked", async () => {
  const checkpoint = await tinyCheckpoint();
  const shape = [64, 2 ** 20];
  const { source, asked } = zeroFile(Array.from({ length: 3 }, (_, i) => [`big.${i}.weight`, shape]));
  const { weights } = await openSafetensors(source);
  const big: Checkpoint = { ...checkpoint, unet: { ...checkpoint.unet, weights }, text: [], files: [source] };
  const { tensors } = await bakeCheckpoint(big, [], { runtime: runtime(), dtype: "bf16" });
  const layout = layoutSafetensors(tensors);
  expect(layout.fileBytes).toBeGreaterThan(4e8);
  let [written, most] = [0, 0];
  for await (const chunk of writeSafetensors(layout)) {
    written += chunk.length;
    most = Math.max(most, chunk.length);
  }
  expect(written).toBe(layout.fileBytes);
  expect(Math.max(most, asked.most)).toBeLessThanOrEqual(2 ** 22);
  const controller = new AbortController();
  const before = asked.total;
  const stopped = (async () => {
    for await (const chunk of writeSafetensors(layout, controller.signal)) if (chunk.length > 4096) controller.abort();
  })();
  await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
  expect(asked.total - before).toBeLessThan(2 ** 24);
});

/** A file of F16 zeros that lies nowhere; counts what is asked for. */
function zeroFile(tensors: readonly (readonly [name: string, shape: readonly number[]])[]) {
  const { header, fileBytes } = layoutSafetensors(
    tensors.map(([name, shape]) => ({ name, dtype: "f16", shape, chunks: () => [] })),
  );
  const asked = { most: 0, total: 0 };
  const slice = (begin: number, end: number) => ({
    arrayBuffer: async () => {
      asked.most = Math.max(asked.most, end - begin);
      asked.total += end - begin;
      const bytes = new Uint8Array(end - begin);
      if (begin < header.length) bytes.set(header.subarray(begin, end));
      return bytes.buffer;
    },
  });
  return { source: { name: "zeros.safetensors", blob: { size: fileBytes, slice } as unknown as Blob }, asked };
}
