// Runs that start from a picture, on a small checkpoint: what is kept is kept to the bit, and the ways to one result agree.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Checkpoint } from "../families/checkpoint.js";
import type { Pixels } from "../image/pixels.js";
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

const pixels = (width: number, height: number): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 7919 + (i >> 6) * 31) % 256,
  ),
});
const base: GenerateRequest = { prompt: "a lighthouse", width: 64, height: 64, seeds: [7], sampling: { steps: 4 } };
/** 1 in the left half. */
const halfMask = (width: number, height: number) => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 1 : 0)),
});

describe("image to image", () => {
  it("makes the strength's part of the steps, and the picture counts", async () => {
    const run = (picture: Pixels, strength: number) =>
      made(pipeline.generate({ ...base, init: { picture, strength } }));
    const one = pixels(64, 64);
    const other = { ...one, data: one.data.map((value, i) => (i % 4 === 3 ? value : 255 - value)) };
    const [a, b] = [await run(one, 0.25), await run(other, 0.25)];
    expect([a.steps.length, b.steps.length]).toEqual([1, 1]);
    expect(largestDifference(a.pictures[0]!.latents, b.pictures[0]!.latents)).toBeGreaterThan(0.1);
    expect((await run(one, 1)).steps).toHaveLength(4);
  });

  it("gives each picture what it gets alone", async () => {
    const init = { picture: pixels(64, 64), strength: 0.5 };
    const both = await made(pipeline.generate({ ...base, seeds: [3, 4], init }));
    const alone = await made(pipeline.generate({ ...base, seeds: [4], init }));
    expect(both.pictures[1]!.latents).toEqual(alone.pictures[0]!.latents);
    expect(largestDifference(both.pictures[0]!.latents, both.pictures[1]!.latents)).toBeGreaterThan(0.1);
  });

  it("draws nothing for a picture that is read by its mean", async () => {
    let drawn = 0;
    const counting = new Pipeline({
      checkpoint,
      runtime,
      noise: (request, options) => {
        const draw = createDraw(request, options);
        const picture = () => {
          drawn += 1;
          return draw.picture();
        };
        return Object.assign((span: Parameters<typeof draw>[0]) => draw(span), { picture });
      },
    });
    const init = { picture: pixels(64, 64), strength: 0.5 };
    await made(counting.generate({ ...base, init: { ...init, encode: "mean" } }));
    expect(drawn).toBe(0);
    await made(counting.generate({ ...base, init }));
    expect(drawn).toBe(1);
    await counting.dispose();
  });

  it("runs a plan with the pictures of its request, and not without", async () => {
    const picture = pixels(64, 64);
    const request = { ...base, init: { picture, strength: 0.5 } };
    const plan = JSON.parse(JSON.stringify(pipeline.plan(request)));
    const direct = await made(pipeline.generate(request));
    const planned = await made(pipeline.generate(plan, undefined, { init: picture }));
    expect(planned.pictures[0]!.latents).toEqual(direct.pictures[0]!.latents);
    await expect(made(pipeline.generate(plan))).rejects.toMatchObject({ code: "plan-needs-a-picture" });
  });

  it("encodes in tiles what one run encodes", async () => {
    const tiled = new Pipeline({ checkpoint, runtime, tile: 12 });
    const request = {
      ...base,
      width: 128,
      init: { picture: pixels(128, 64), strength: 0.25, encode: "mean" as const },
    };
    const [a, b] = [await made(tiled.generate(request)), await made(pipeline.generate(request))];
    const rms = Math.hypot(...b.pictures[0]!.latents) / Math.sqrt(b.pictures[0]!.latents.length);
    const off = Math.hypot(...b.pictures[0]!.latents.map((value, i) => value - a.pictures[0]!.latents[i]!));
    // tiles see less of the picture in normalisations and attention: near, and not the same
    expect(off / Math.sqrt(b.pictures[0]!.latents.length) / rms).toBeLessThan(0.2);
    expect(off).toBeGreaterThan(0);
    await tiled.dispose();
  });
});

describe("inpainting with an ordinary checkpoint", () => {
  it("keeps the latents around the mask those of the picture", async () => {
    const picture = pixels(64, 64);
    const init = { picture, encode: "mean" as const };
    const { pictures, steps } = await made(pipeline.generate({ ...base, init, mask: { mask: halfMask(64, 64) } }));
    expect(steps).toHaveLength(4);
    // the same cells whatever the seed: those of the encoded picture
    const other = await made(pipeline.generate({ ...base, seeds: [8], init, mask: { mask: halfMask(64, 64) } }));
    const kept = (latents: Float32Array) => latents.filter((_, i) => i % 8 >= 4);
    const painted = (latents: Float32Array) => latents.filter((_, i) => i % 8 < 4);
    const [a, b] = [pictures[0]!.latents, other.pictures[0]!.latents];
    expect(kept(a)).toEqual(kept(b));
    expect(largestDifference(painted(a), painted(b))).toBeGreaterThan(0.1);
    expect(steps[0]!.stepped).toBeDefined();
    expect(largestDifference(kept(steps[0]!.stepped!), kept(steps[0]!.latents))).toBeGreaterThan(0.1);
    expect(painted(steps[0]!.stepped!)).toEqual(painted(steps[0]!.latents));
  });

  it("pastes the picture's own pixels back", async () => {
    const picture = pixels(64, 64);
    const request = {
      ...base,
      init: { picture },
      mask: { mask: halfMask(64, 64), paint: "black" as const, paste: true },
    };
    const { pictures } = await made(pipeline.generate(request));
    const unpainted = pictures[0]!.pixels.data.filter((_, i) => (i >> 2) % 64 < 32);
    expect(unpainted).toEqual(picture.data.filter((_, i) => (i >> 2) % 64 < 32));
    const decoded = await made(pipeline.generate({ ...request, mask: { ...request.mask, paste: false } }));
    expect(largestDifference(decoded.pictures[0]!.pixels.data, pictures[0]!.pixels.data)).toBeGreaterThan(0);
  });

  it("refuses what cannot be", async () => {
    const inpainting = new Pipeline({
      checkpoint: { ...checkpoint, unet: { ...checkpoint.unet, config: { ...checkpoint.unet.config, inChannels: 9 } } },
      runtime,
    });
    const run = (request: GenerateRequest, on = pipeline) => made(on.generate(request));
    const picture = pixels(64, 64);
    await expect(run(base, inpainting)).rejects.toMatchObject({ code: "inpainting-needs-a-picture" });
    await expect(run({ ...base, init: { picture } }, inpainting)).rejects.toMatchObject({
      code: "inpainting-needs-a-picture",
      found: "a picture without a mask",
    });
    await expect(run({ ...base, mask: { mask: halfMask(64, 64) } })).rejects.toMatchObject({
      code: "mask-needs-a-picture",
    });
    await expect(run({ ...base, init: { picture }, mask: { mask: halfMask(32, 64) } })).rejects.toMatchObject({
      code: "mask-size",
    });
    await expect(run({ ...base, init: { picture, strength: 0.1 } })).rejects.toMatchObject({
      code: "strength-too-low",
    });
    const { vae: _vae, ...bare } = checkpoint;
    await expect(
      run({ ...base, init: { picture } }, new Pipeline({ checkpoint: bare, runtime })),
    ).rejects.toMatchObject({ code: "vae-missing" });
  });
});
