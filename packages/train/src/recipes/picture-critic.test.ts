// Turbo on decoded pictures: a frozen decoder, a frozen feature network and trained heads that are told the prompt, on toys.
import { GraphBuilder, type VaeConfig } from "@fewstep/core";
import { beforeAll, describe, expect, it } from "vitest";
import { flatLayout } from "../flat/layout.js";
import { frozenDecoder } from "../models/frozen-decoder.js";
import { initialWeights } from "../models/initial-weights.js";
import { includeNamed } from "../models/network.js";
import { ortRunner } from "../node/ort-runner.js";
import { randomStream } from "../optim/random-stream.js";
import { evaluate } from "../program/evaluate.js";
import { CRITIC } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import { type PictureNetwork, pictureCritic } from "./picture-critic.js";
import {
  beforeAndAfter,
  brokenOff,
  constantRate,
  data,
  distillOptions,
  mean,
  runOf,
  SHAPE,
  trainedBase,
} from "./toy.test.fixture.js";
import { type TurboOptions, turboRecipe } from "./turbo.js";
import { vaeLayout } from "./vae.js";

const VAE: VaeConfig = {
  channels: [4, 4, 8, 8],
  layers: 1,
  latentChannels: 4,
  pictureChannels: 3,
  quantised: true,
  groups: 2,
};
const layout = vaeLayout(VAE);
const random = randomStream(1, "pictures", 0);
const decoder = frozenDecoder({ config: VAE, layout, vector: random.normals(layout.length).map((x) => 0.2 * x) }, 1);

/** Two convolutions of fixed numbers: maps of 32x32 and 16x16. */
function network(): PictureNetwork {
  const graphOf = (batch: number) => {
    const b = new GraphBuilder("network");
    const step = (name: string, x: ReturnType<typeof b.input>, out: number) =>
      b.op("Silu", [
        b.op("Conv", [x, b.weight(`${name}.weight`, [out, x.shape[1]!, 3, 3]), undefined], {
          strides: [2, 2],
          pads: [1, 1, 1, 1],
        }),
      ]);
    const first = step("first", b.input("pictures", [batch, 3, 64, 64]), 8);
    return b.finish([
      { name: "first", value: first },
      { name: "second", value: step("second", first, 16) },
    ]);
  };
  const weights = flatLayout(graphOf(1).weights);
  return {
    see: (b, tag, pictures) => includeNamed(b, graphOf(pictures.shape[0]!), { pictures }, (id) => `network:${id}`, tag),
    maps: new Map(graphOf(1).outputs.map(({ name, value }) => [name, value.shape])),
    sources: [{ resident: "network", layout: weights, prefix: "network:" }],
    residents: new Map([["network", initialWeights(weights, "discriminator", 2)]]),
  };
}

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(30);
});
const critic = () => pictureCritic(decoder, network(), base.unet.contextWidth);

const recipe = (changed: Pick<TurboOptions, "learningRate" | "iterations"> & Partial<TurboOptions>) =>
  turboRecipe({
    ...distillOptions(base, 4),
    guidance: 1,
    levels: [[499, 1]],
    critic: critic(),
    criticLearningRate: constantRate(0),
    ...changed,
  });

describe("Turbo on decoded pictures", () => {
  it("brings the student's pictures nearer to the teacher's; a control with learning rate 0 stays", async () => {
    const make = (changed: Pick<TurboOptions, "learningRate" | "iterations">) =>
      recipe({ ...changed, distillation: 100 });
    const change = { resident: "lora.p", metric: "distilled", peak: 2e-3, iterations: 40 };
    const [before, after] = await beforeAndAfter(make, change);
    expect(after).toBeLessThan(0.97 * before);
    const [controlBefore, controlAfter, start, end] = await beforeAndAfter(make, { ...change, peak: 0, iterations: 2 });
    expect(controlAfter).toBe(controlBefore);
    expect(end).toEqual(start);
  });
  it("teaches its heads to tell the pictures of a student that stands still from real ones", async () => {
    const run = await runOf(
      recipe({
        learningRate: constantRate(0),
        iterations: 40,
        criticLearningRate: constantRate(3e-3),
        levels: [[999, 1]],
      }),
    );
    const values = run.lines.map((line) => line.critic!);
    expect(mean(values.slice(-8))).toBeLessThan(0.9 * mean(values.slice(0, 4)));
    expect(run.vectors.has("decoder") || run.vectors.has("network")).toBe(false);
  });
  it("moves the student by the heads alone", async () => {
    const { vectors } = await runOf(recipe({ learningRate: constantRate(1e-3), iterations: 1, distillation: 0 }));
    const start = recipe({ learningRate: constantRate(0), iterations: 1 }).initial;
    expect(vectors.get("lora.p")).not.toEqual(start.get("lora.p"));
    expect(vectors.get("critic.p")).toEqual(start.get("critic.p"));
  });
  it("goes on after a break as if there had been none, heads and all", async () => {
    const make = () =>
      recipe({ learningRate: constantRate(1e-3), iterations: 3, batch: 2, criticLearningRate: constantRate(1e-3) });
    expect(make().state).toEqual(expect.arrayContaining(["critic.p", "critic.m", "critic.v"]));
    expect(await brokenOff(make(), 2)).toEqual((await runOf(make())).vectors);
  });
});

describe("a picture critic", () => {
  it("is told the prompt: the same picture has other logits for another one", async () => {
    const { judge, sources, residents, layout: heads, initial } = critic();
    const b = new GraphBuilder("judge");
    const width = base.unet.contextWidth;
    const sample = b.input("sample", [2, ...SHAPE]);
    const inputs = { sample, timeFeatures: sample, context: b.input("context", [2, 3, width]) };
    const graph = b.finish([{ name: "logits", value: judge(b, "one", inputs) }]);
    const runner = ortRunner({ threads: 1 });
    for (const [name, vector] of [...residents, ["critic.p", initial(1)] as const]) await runner.set(name, vector);
    const program = evaluate("judge", graph, [...sources, { resident: "critic.p", layout: heads, prefix: CRITIC }]);
    const picture = data.latent(0);
    const size = 3 * width;
    const { logits } = await runner.run(program, {
      sample: { dtype: "f32", shape: [2, ...SHAPE], data: Float32Array.from([...picture, ...picture]) },
      context: {
        dtype: "f32",
        shape: [2, 3, width],
        data: Float32Array.from({ length: 2 * size }, (_, i) => (i < size ? 1 : Math.sin(i))),
      },
    });
    await runner.dispose();
    const [first, second] = logits!.data as Float32Array;
    expect(Math.abs(first! - second!)).toBeGreaterThan(1e-4);
  });
});
