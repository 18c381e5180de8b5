import {
  layoutSafetensors,
  openSafetensors,
  partsOf,
  readTensor,
  type TensorToWrite,
  vaeDecoder,
  vaeEncoder,
  type Weights,
  writeSafetensors,
} from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { type FlatLayout, flatLayout, packFlat, unpackFlat } from "../flat/layout.js";
import { initialWeights } from "../models/initial-weights.js";
import { TOKEN_TABLE } from "../models/network.js";
import { normalisedVae } from "../models/normalise-latents.js";
import { readBase } from "../models/read-base.js";
import { sd15Unet } from "../models/tiny.js";
import { ortRunner } from "../node/ort-runner.js";
import { randomStream } from "../optim/random-stream.js";
import { evaluate } from "../program/evaluate.js";
import { baseLayout, baseWeights, TEXT, UNET } from "../recipes/base.js";
import { model } from "../recipes/toy.test.fixture.js";
import { vaeLayout } from "../recipes/vae.js";
import { loraMetadata, loraTensors } from "./lora-file.js";
import { singleFileTensors } from "./single-file.js";

async function written(tensors: readonly TensorToWrite[], metadata?: Readonly<Record<string, string>>) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeSafetensors(layoutSafetensors(tensors, metadata))) chunks.push(chunk.slice());
  return openSafetensors({ name: "made.safetensors", blob: new Blob(chunks as Uint8Array<ArrayBuffer>[]) });
}

const half = (x: number): number => x * 2 ** -10;

async function expectSame(weights: Weights, name: string, values: Float32Array): Promise<void> {
  const read = await readTensor(weights.get(name)!);
  expect(read.length).toBe(values.length);
  for (let i = 0; i < read.length; i++)
    if (!(Math.abs(read[i]! - values[i]!) <= half(Math.abs(values[i]!)) + 2 ** -24))
      expect.fail(`${name}[${i}]: ${read[i]} for ${values[i]}`);
}

const vae = { channels: [64, 64], layers: 1, latentChannels: 4, pictureChannels: 3, quantised: true, groups: 32 };

/** Every value its own: no two weights could be exchanged unseen. */
const distinct = (layout: FlatLayout, seed: number): Float32Array => {
  const random = randomStream(seed, "distinct", 0);
  return packFlat(layout, ({ size }) => random.normals(size));
};

describe.each([
  ["three levels, the last without attention", [32, 64, 96], 2, [true, true, false]],
  ["two levels", [32, 64], 1, [false, true]],
  ["Stable Diffusion's own four levels", [32, 32, 64, 64], 2, [true, true, true, false]],
])("a model of %s", (_, channels, blocks, attention) => {
  it("comes back from its file, weight by weight", async () => {
    const made = { ...model, unet: sd15Unet({ channels, blocks, attention, contextWidth: 64 }) };
    const layout = baseLayout(made);
    const autoencoder = { layout: vaeLayout(vae), vector: distinct(vaeLayout(vae), 2) };
    const base = { layout, vector: distinct(layout, 1) };
    const vocabulary = 49_408;
    const whole = { unet: made.unet, vae, base, autoencoder, rows: made.rows, vocabulary };
    const tensors = singleFileTensors({ ...whole, zeroTerminalSnr: true });
    const { weights } = await written(tensors);
    const parts = partsOf(weights);
    expect(parts.unclaimed).toEqual([]);
    expect(weights.has("ztsnr")).toBe(true);
    expect(parts.unet?.config).toEqual(made.unet);
    expect(parts.vae?.config).toEqual(vae);
    expect(parts.text.map(({ kind, config }) => ({ kind, config }))).toEqual([{ kind: "clip", config: made.text }]);
    for (const [name, values] of unpackFlat(layout, base.vector)) {
      if (name === TEXT + TOKEN_TABLE) continue;
      const part = name.startsWith(UNET) ? parts.unet!.weights : parts.text[0]!.weights;
      await expectSame(part, name.slice(UNET.length), values);
    }
    for (const [name, values] of unpackFlat(autoencoder.layout, autoencoder.vector))
      await expectSame(parts.vae!.weights, name, values);
    // trained tokens have their rows, all others the unknown one
    const table = unpackFlat(layout, base.vector).get(TEXT + TOKEN_TABLE)!;
    const full = await readTensor(parts.text[0]!.weights.get(TOKEN_TABLE)!);
    const rowAt = (values: Float32Array, row: number) => [...values.subarray(row * 64, row * 64 + 64)];
    const near = (found: number[], wanted: number[]) =>
      found.forEach((x, i) => {
        expect(Math.abs(x - wanted[i]!)).toBeLessThanOrEqual(half(Math.abs(wanted[i]!)) + 2 ** -24);
      });
    near(rowAt(full, 267), rowAt(table, made.rows.rowOf(267)));
    near(rowAt(full, 599), rowAt(table, 0));
    expect(made.rows.rowOf(267)).toBeGreaterThan(0);
    // and the file is what training goes on from
    const sources = { unet: parts.unet!.weights, text: parts.text[0]!.weights };
    const again = await readBase(layout, sources, made.rows);
    const furthest = again.reduce(
      (most, x, i) => Math.max(most, Math.abs(x - base.vector[i]!) - half(Math.abs(base.vector[i]!))),
      0,
    );
    expect(furthest).toBeLessThanOrEqual(2 ** -24);
    await expect(readBase(layout, { ...sources, text: sources.unet }, made.rows)).rejects.toMatchObject({
      code: "weight-missing",
    });
  });
});

describe("an exported adapter", () => {
  it("comes back in kohya's names with its alpha", async () => {
    const layout = flatLayout([
      { id: "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_down.weight", shape: [4, 32] },
      { id: "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_up.weight", shape: [32, 4] },
    ]);
    const vector = distinct(layout, 3);
    const made = { method: "lcm", base: "tiny", iterations: 10, seed: 1 };
    const { weights, metadata } = await written(
      loraTensors({ layout, vector, rank: 4, alpha: 2 }),
      loraMetadata({ rank: 4, alpha: 2 }, made),
    );
    const module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    expect([...weights.names].sort()).toEqual([
      `${module}.alpha`,
      `${module}.lora_down.weight`,
      `${module}.lora_up.weight`,
    ]);
    expect([...(await readTensor(weights.get(`${module}.alpha`)!))]).toEqual([2]);
    expect(weights.get(`${module}.alpha`)!.shape).toEqual([]);
    for (const [name, values] of unpackFlat(layout, vector))
      await expectSame(weights, name.replace(/^.*(?=\.lora_)/, module), values);
    expect(metadata.get("ss_network_dim")).toBe("4");
    expect(metadata.get("ss_network_alpha")).toBe("2");
  });
});

describe("a weight that F16 cannot hold", () => {
  it.each([Number.NaN, 1e6])("is refused: %d", (bad) => {
    const layout = flatLayout([{ id: "a.lora_up.weight", shape: [1] }]);
    const vector = packFlat(layout, () => Float32Array.of(bad));
    expect(() => loraTensors({ layout, vector, rank: 1, alpha: 1 })).toThrowError(
      expect.objectContaining({ code: "weight-not-in-f16" }),
    );
  });
});

describe("a normalised autoencoder", () => {
  it("gives latents of the wished mean and deviation, and the same pictures", async () => {
    const layout = vaeLayout(vae);
    const vector = initialWeights(layout, "vae", 1);
    const random = randomStream(9, "biases", 0);
    for (let i = 0; i < vector.length; i++) vector[i]! += 0.02 * random.normal();
    const statistics = { mean: [0.3, -0.2, 0.1, 0.5], deviation: [0.5, 2, 1.5, 0.25] };
    const factor = 0.18215;
    const changed = normalisedVae(layout, vector, statistics, factor);
    const runner = ortRunner({ threads: 1 });
    await runner.set("old", vector);
    await runner.set("new", changed);
    const shape = { batch: 1, height: 16, width: 16 };
    const encoder = vaeEncoder(vae, shape);
    const decoder = vaeDecoder(vae, { batch: 1, height: 8, width: 8 });
    const image = { dtype: "f32", shape: [1, 3, 16, 16], data: random.normals(3 * 256) } as const;
    const run = async (resident: string) => {
      const sources = [{ resident, layout, prefix: "" }];
      const { mean, logvar } = await runner.run(evaluate("encode", encoder, sources), { image });
      const { image: picture } = await runner.run(evaluate("decode", decoder, sources), { latents: mean! });
      return [mean, logvar, picture].map((tensor) => tensor!.data as Float32Array) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
    };
    const [[mean, logvar, picture], [newMean, newLogvar, newPicture]] = [await run("old"), await run("new")];
    for (let i = 0; i < mean.length; i++) {
      const c = Math.floor(i / 64);
      const deviation = statistics.deviation[c]! * factor;
      expect(newMean[i]).toBeCloseTo((mean[i]! - statistics.mean[c]!) / deviation, 3);
      expect(newLogvar[i]).toBeCloseTo(logvar[i]! - 2 * Math.log(deviation), 4);
    }
    picture.forEach((x, i) => {
      expect(newPicture[i]).toBeCloseTo(x, 3);
    });
    await runner.dispose();
  });
});

// the fixture's own weights are those that training starts from
describe("first weights", () => {
  it("make a UNet that answers zero, so that training starts from the mean of its target", async () => {
    const layout = baseLayout(model);
    const values = unpackFlat(layout, baseWeights(layout, 1));
    expect(Math.max(...values.get(`${UNET}conv_out.weight`)!.map(Math.abs))).toBe(0);
    expect([...values.get(`${UNET}conv_norm_out.weight`)!]).toEqual(Array.from({ length: 32 }, () => 1));
  });
});
