// Second passes, seamless tiling and attention guidance, on a small checkpoint: each against another way to the same result.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Checkpoint } from "../families/checkpoint.js";
import { resize } from "../image/resize.js";
import { createDraw } from "../sampling/noise/draw.js";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { Pipeline } from "./pipeline.js";
import type { GenerateRequest } from "./request.js";
import { largestDifference, made, tinyCheckpoint } from "./tiny-pipeline.test.fixture.js";

let runtime: ChildRuntime;
let checkpoint: Checkpoint;
let pipeline: Pipeline;
beforeAll(async () => {
  checkpoint = await tinyCheckpoint();
  runtime = childRuntime({ threads: 2 });
  pipeline = new Pipeline({ checkpoint, runtime });
});
afterAll(async () => {
  await pipeline.dispose();
  await runtime.dispose();
});

const base: GenerateRequest = { prompt: "a lighthouse", width: 64, height: 64, seeds: [7], sampling: { steps: 4 } };

describe("a second pass", () => {
  const hires = { width: 128, height: 64, steps: 4, strength: 0.5 };

  it("from pixels is image to image from the first pass' picture", async () => {
    const { pictures, steps } = await made(pipeline.generate({ ...base, hires: { ...hires, upscale: "pixel" } }));
    const first = await made(pipeline.generate(base));
    const picture = resize(first.pictures[0]!.pixels, 128, 64, "lanczos");
    const init = { picture, strength: 0.5, encode: "mean" as const };
    const second = await made(pipeline.generate({ ...base, width: 128, init }));
    expect(pictures[0]!.pixels.width).toBe(128);
    expect(pictures[0]!.latents).toEqual(second.pictures[0]!.latents);
    expect(steps.map(({ pass, index }) => `${pass}.${index}`)).toEqual(["1.0", "1.1", "1.2", "1.3", "2.0", "2.1"]);
  });

  it("from latents makes all pictures, each as it is made alone", async () => {
    const request = { ...base, hires: { scale: 2, steps: 2, strength: 0.5 } };
    const both = await made(pipeline.generate({ ...request, seeds: [1, 2] }));
    const alone = await made(pipeline.generate({ ...request, seeds: [2] }));
    expect(both.pictures.map(({ pixels: { width, height } }) => [width, height])).toEqual([
      [128, 128],
      [128, 128],
    ]);
    expect(both.pictures[1]!.latents).toEqual(alone.pictures[0]!.latents);
    expect(both.steps.map(({ picture, pass }) => `${picture}.${pass}`)).toEqual([
      ..."0.1 0.1 0.1 0.1 1.1 1.1 1.1 1.1 0.2 1.2".split(" "),
    ]);
  });

  it("goes on with prompts that change by step", async () => {
    const request = { ...base, hires: { ...hires, upscale: "pixel" as const } };
    const changing = await made(pipeline.generate({ ...request, prompt: "a [lighthouse:castle:1.0]" }));
    const first = await made(pipeline.generate({ ...base, prompt: "a lighthouse" }));
    const picture = resize(first.pictures[0]!.pixels, 128, 64, "lanczos");
    const init = { picture, strength: 0.5, encode: "mean" as const };
    const castle = await made(pipeline.generate({ ...base, prompt: "a castle", width: 128, init }));
    expect(changing.pictures[0]!.latents).toEqual(castle.pictures[0]!.latents);
  });
});

describe("seamless tiling", () => {
  it("rolls the picture with the noise", async () => {
    const roll = (values: Float32Array, width: number, by: number) =>
      values.map((_, i) => values[i - (i % width) + (((i % width) - by + width) % width)]!);
    const run = async (by: number, seamless: "x" | undefined) => {
      const rolling = new Pipeline({
        checkpoint,
        runtime,
        noise: (request, options) => {
          const draw = createDraw(request, options);
          return Object.assign((span: Parameters<typeof draw>[0]) => roll(draw(span), 16, by), {
            picture: draw.picture,
          });
        },
      });
      const request = { ...base, width: 128, sampling: { steps: 2, sampler: "euler_ancestral" as const } };
      const { pictures } = await made(rolling.generate(seamless ? { ...request, seamless } : request));
      await rolling.dispose();
      return pictures[0]!.planes.data;
    };
    const off = async (seamless: "x" | undefined) =>
      largestDifference(roll(await run(0, seamless), 128, 64), await run(8, seamless));
    expect(await off("x")).toBeLessThan(1e-4);
    expect(await off(undefined)).toBeGreaterThan(1e-2);
  });
});

describe("attention guidance", () => {
  it("makes a negative prompt count at guidance 1", async () => {
    const request = { ...base, negative: "fog" };
    const plain = (await made(pipeline.generate(base))).pictures[0]!.latents;
    const ignored = (await made(pipeline.generate(request))).pictures[0]!.latents;
    const neutral = (await made(pipeline.generate({ ...request, nag: { scale: 1 } }))).pictures[0]!.latents;
    const guided = (await made(pipeline.generate({ ...request, nag: { scale: 5 } }))).pictures[0]!.latents;
    const other = (await made(pipeline.generate({ ...request, negative: "rain", nag: { scale: 5 } }))).pictures[0]!;
    expect(ignored).toEqual(plain);
    expect(largestDifference(neutral, plain)).toBeLessThan(1e-3);
    expect(largestDifference(guided, plain)).toBeGreaterThan(0.01);
    expect(largestDifference(guided, other.latents)).toBeGreaterThan(0.01);
  });
});
