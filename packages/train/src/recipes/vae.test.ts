import { describe, expect, it } from "vitest";
import { randomStream } from "../optim/random-stream.js";
import { beforeAndAfter } from "./toy.test.fixture.js";
import { cropFeed, type VaeOptions, vaeRecipe } from "./vae.js";

const size = 64;
/** A plain colour above another one, all different. */
const picture = (index: number) => ({
  caption: "",
  pixels: Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const half = i < (size * size * 3) / 2 ? 0 : 7;
    return 40 + 175 * (0.5 + 0.5 * Math.sin((index + half + 1) * ((i % 3) + 1)));
  }),
});

const options: VaeOptions = {
  config: { channels: [32, 32, 32, 32], layers: 1, latentChannels: 4, pictureChannels: 3, quantised: true, groups: 16 },
  data: { count: 16, width: size, height: size, picture },
  crop: 32,
  batch: 4,
  iterations: 50,
  seed: 1,
  learningRate: { peak: 2e-3, warmUp: 5, decay: "constant" },
};

describe("the autoencoder's recipe", () => {
  const ends = (peak: number, iterations: number) =>
    beforeAndAfter((changed) => vaeRecipe({ ...options, ...changed }), {
      resident: "vae.p",
      metric: "loss",
      peak,
      iterations,
    });
  it("learns in 50 iterations what a control with learning rate 0 does not", async () => {
    const [before, after] = await ends(2e-3, 50);
    expect(after).toBeLessThan(0.75 * before);
    const [controlBefore, controlAfter] = await ends(0, 3);
    expect(controlAfter).toBe(controlBefore);
  });
});

describe("crops", () => {
  it("are parts of the pictures, mirrored or not, in [-1, 1]", () => {
    const one = { caption: "", pixels: Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => i) };
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const { shape, data } = cropFeed([one], { width: 4, height: 4 }, 2, randomStream(seed, "crop", 0));
      expect(shape).toEqual([1, 3, 2, 2]);
      const bytes = Array.from(data as Float32Array, (x) => Math.round((x + 1) * 127.5));
      // red of four neighbouring pixels; green and blue follow it
      expect(bytes.slice(4, 8)).toEqual(bytes.slice(0, 4).map((byte) => byte + 1));
      expect(Math.abs(bytes[1]! - bytes[0]!)).toBe(3);
      expect(bytes[2]! - bytes[0]!).toBe(12);
      seen.add(`${bytes[0]}:${bytes[1]! > bytes[0]!}`);
    }
    expect(seen.size).toBe(18);
  });
});
