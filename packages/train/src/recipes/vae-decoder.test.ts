import type { VaeConfig } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { unpackFlat } from "../flat/layout.js";
import { initialWeights } from "../models/initial-weights.js";
import { beforeAndAfter, brokenOff, constantRate, runOf } from "./toy.test.fixture.js";
import { vaeLayout } from "./vae.js";
import { type VaeDecoderOptions, vaeDecoderLayout, vaeDecoderRecipe, withDecoder } from "./vae-decoder.js";

const config: VaeConfig = {
  channels: [16, 16, 16, 16],
  layers: 1,
  latentChannels: 4,
  pictureChannels: 3,
  quantised: true,
  groups: 8,
};
const size = 32;
/** A colour of its own for each picture, striped. */
const picture = (index: number) => ({
  caption: "",
  pixels: Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const stripe = Math.floor(Math.floor(i / 3) / 4) % 2 === 0 ? 20 : -20;
    return 125 + stripe + 80 * Math.sin((index + 1) * ((i % 3) + 1));
  }),
});
const layout = vaeLayout(config);
const start = initialWeights(layout, "vae", 5);
const options: VaeDecoderOptions = {
  config,
  data: { count: 8, width: size, height: size, picture },
  crop: 32,
  batch: 4,
  iterations: 50,
  seed: 1,
  learningRate: constantRate(2e-3),
  start,
  patchWeight: 0.05,
};

describe("the recipe of a decoder alone", () => {
  const ends = (metric: string, resident: string, peak: number, iterations: number) =>
    beforeAndAfter((changed) => vaeDecoderRecipe({ ...options, ...changed }), { resident, metric, peak, iterations });
  it("brings pictures back better in 50 iterations, and a control with learning rate 0 does not", async () => {
    const [before, after] = await ends("psnr", "decoder.p", 2e-3, 50);
    expect(after).toBeGreaterThan(before + 1);
    const [controlBefore, controlAfter] = await ends("psnr", "decoder.p", 0, 3);
    expect(controlAfter).toBe(controlBefore);
  });
  it("has a critic that learns to tell patches apart", async () => {
    const [before, after] = await ends("critic", "patches.p", 2e-3, 50);
    expect(after).toBeLessThan(0.8 * before);
  });
  it("has no critic unless it is given a weight", async () => {
    const recipe = vaeDecoderRecipe({ ...options, patchWeight: 0, iterations: 1 });
    expect(recipe.state).toEqual(["decoder.p", "decoder.m", "decoder.v", "decoder.ema"]);
    expect((await runOf(recipe)).lines[0]).not.toHaveProperty("critic");
  });
  it("goes on to the bit after it was broken off", async () => {
    const make = () => vaeDecoderRecipe({ ...options, iterations: 4 });
    expect(await brokenOff(make(), 2)).toEqual((await runOf(make())).vectors);
  });
});

it("another decoder in an autoencoder leaves its encoder", () => {
  const decoder = new Float32Array(vaeDecoderLayout(config).length).fill(7);
  const [before, after] = [start, withDecoder(config, start, decoder)].map((vector) => unpackFlat(layout, vector));
  const changed = new Set(vaeDecoderLayout(config).entries.map(({ name }) => name));
  expect(changed.size).toBeGreaterThan(20);
  for (const [name, values] of after!)
    if (changed.has(name)) expect(new Set(values)).toEqual(new Set([7]));
    else expect(values).toEqual(before!.get(name));
  expect([...before!.keys()].some((name) => !changed.has(name))).toBe(true);
});
