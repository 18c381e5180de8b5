// CLIP scores of a small random CLIP beside numbers that numpy gave in float64 for the same weights, by transformers' formulas, with Pillow's
// bicubic resizing.
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClipPart, clipPart } from "../../families/clip.js";
import { openFile } from "../../files/open-file.js";
import type { Pixels } from "../../image/pixels.js";
import { type ChildRuntime, childRuntime } from "../../session/child-runtime.js";
import { openSafetensors } from "../../weights/safetensors.js";
import { layoutSafetensors, writeSafetensors } from "../../weights/safetensors-writer.js";
import { weightsOf } from "../../weights/weights.js";
import { clipPixels } from "./clip-pixels.js";
import { ClipScorer } from "./clip-scorer.js";

const layerOf = (name: string, width: number, inner: number): readonly (readonly [string, readonly number[]])[] => [
  ...["layer_norm1", "layer_norm2"].flatMap((norm) => named(`${name}.${norm}`, [width])),
  ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((part) => named(`${name}.self_attn.${part}`, [width, width])),
  ...named(`${name}.mlp.fc1`, [inner, width]),
  ...named(`${name}.mlp.fc2`, [width, inner]),
];
const named = (name: string, shape: readonly number[]): readonly (readonly [string, readonly number[]])[] => [
  [`${name}.weight`, shape],
  [`${name}.bias`, [shape[0]!]],
];
/** In the order in which numpy filled them. */
const TENSORS: readonly (readonly [string, readonly number[]])[] = [
  ["vision_model.embeddings.class_embedding", [128]],
  ["vision_model.embeddings.patch_embedding.weight", [128, 3, 8, 8]],
  ["vision_model.embeddings.position_embedding.weight", [17, 128]],
  ...named("vision_model.pre_layrnorm", [128]),
  ...named("vision_model.post_layernorm", [128]),
  ...[0, 1].flatMap((i) => layerOf(`vision_model.encoder.layers.${i}`, 128, 256)),
  ["visual_projection.weight", [16, 128]],
  ["text_model.embeddings.token_embedding.weight", [49408, 64]],
  ["text_model.embeddings.position_embedding.weight", [77, 64]],
  ...named("text_model.final_layer_norm", [64]),
  ...[0, 1].flatMap((i) => layerOf(`text_model.encoder.layers.${i}`, 64, 128)),
  ["text_projection.weight", [16, 64]],
];

function filled(name: string, shape: readonly number[], index: number): Float32Array {
  const norm = /norm.*weight$/.test(name);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    const wild = Math.sin(i * 12.9898 + (index + 1) * 78.233) * 43758.5453;
    const value = 2 * (wild - Math.floor(wild)) - 1;
    return norm ? 1 + 0.1 * value : 0.2 * value;
  });
}

const painted = (width: number, height: number, value: (x: number, y: number, c: number) => number): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : value((i >> 2) % width, Math.floor((i >> 2) / width), i % 4) % 256,
  ),
});
const wide = painted(56, 40, (x, y, c) => x * 7 + y * 13 + c * 61);
const square = painted(32, 32, (x, y, c) => x * 5 + y * 3 + c * 11);

let folder: string;
let runtime: ChildRuntime;
let part: ClipPart;
let scorer: ClipScorer;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-clip-"));
  const tensors = TENSORS.map(([name, shape], i) => ({
    name,
    dtype: "f32" as const,
    shape,
    chunks: () => [new Uint8Array(filled(name, shape, i).buffer)],
  }));
  const path = join(folder, "clip.safetensors");
  await writeFile(path, writeSafetensors(layoutSafetensors(tensors)));
  part = clipPart("clip", (await openSafetensors(await openFile(path))).weights);
  runtime = childRuntime({ threads: 1 });
  scorer = await ClipScorer.load(runtime, part, "id");
}, 60_000);

afterAll(async () => {
  await scorer?.dispose();
  await runtime?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe("ClipScorer", () => {
  it("prepares pixels as CLIPImageProcessor does", () => {
    const pixels = clipPixels(wide, 32);
    const some = [0, 31, 500, 1023, 1500, 2047, 2500, 3071].map((i) => pixels[i]!);
    const expected = [-0.974751, -0.668184, 1.448588, -0.79957, -0.52146, 0.183905, 1.150492, 1.221593];
    for (const [i, value] of expected.entries()) expect(some[i]).toBeCloseTo(value, 5);
  });

  it("reads the shape of both encoders off the file", () => {
    expect(part.vision).toEqual({
      width: 128,
      layers: 2,
      heads: 2,
      activation: "Gelu",
      feedForward: 256,
      patch: 8,
      size: 32,
      projectionWidth: 16,
    });
    expect(part.text).toMatchObject({ width: 64, layers: 2, heads: 1, positions: 77, projectionWidth: 16 });
  });

  it("gives numpy's cosines", async () => {
    const score = (prompt: string) => scorer.score({ pixels: wide, prompt, reference: square }, signal);
    expect((await score("a dog on a hill")).clip).toBeCloseTo(29.60499, 3);
    const { clip, clipReference } = await score("blue sky");
    expect(clip).toBeCloseTo(2.83895, 3);
    expect(clipReference).toBeCloseTo(75.37271, 3);
    // -35.4: nothing in common is no less than nothing
    expect((await score("a cat")).clip).toBe(0);
  });

  it("cuts what is beyond 77 tokens, and is 100 for a picture beside itself", async () => {
    const long = "a dog on a hill ".repeat(200);
    const { clip, clipReference } = await scorer.score({ pixels: wide, prompt: long, reference: wide }, signal);
    expect(clip).toBeGreaterThanOrEqual(0);
    expect(clipReference).toBeCloseTo(100, 4);
  });

  it("scores likeness alone by a picture encoder alone, and refuses files without one", async () => {
    const names = [...part.weights.names].filter((name) => !name.startsWith("text_"));
    const alone = clipPart("vision", weightsOf(names.map((name) => [name, part.weights.get(name)!])));
    const likeness = await ClipScorer.load(runtime, alone, "id");
    const scores = await likeness.score({ pixels: wide, prompt: "a cat", reference: square }, signal);
    expect(Object.keys(scores)).toEqual(["clipReference"]);
    await likeness.dispose();
    const texts = [...part.weights.names].filter((name) => name.startsWith("text_"));
    const noVision = weightsOf(texts.map((name) => [name, part.weights.get(name)!]));
    expect(() => clipPart("text", noVision)).toThrow(expect.objectContaining({ code: "clip-vision-missing" }));
  });
});
