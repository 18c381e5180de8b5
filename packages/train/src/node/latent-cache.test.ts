import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyedPictures } from "../data/picture-source.js";
import { initialWeights } from "../models/initial-weights.js";
import { vaeLayout } from "../recipes/vae.js";
import { cachedLatents } from "./latent-cache.js";
import { ortRunner } from "./ort-runner.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-latents-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const vae = {
  channels: [32, 32, 32, 32],
  layers: 1,
  latentChannels: 4,
  pictureChannels: 3,
  quantised: true,
  groups: 16,
};
const layout = vaeLayout(vae);

describe("cached latents", () => {
  it("are made once, and anew when a picture or the autoencoder changes, but not for a caption", async () => {
    let drawn = 0;
    const source = (shade: number, word: string): KeyedPictures => ({
      count: 3,
      width: 16,
      height: 16,
      caption: (i) => `${word} ${i}`,
      key: (i) => `${shade} ${i}`,
      picture(i) {
        drawn++;
        return { pixels: new Uint8Array(16 * 16 * 3).fill(shade + 20 * i), caption: `${word} ${i}` };
      },
    });
    const runner = ortRunner({ threads: 1 });
    const latents = (pictures: KeyedPictures, seed = 1) =>
      cachedLatents({
        runner,
        config: vae,
        layout,
        vector: initialWeights(layout, "vae", seed),
        source: pictures,
        batch: 2,
        scalingFactor: 0.5,
        folder,
      });
    const made = await latents(source(10, "grey"));
    const before = drawn;
    const again = await latents(source(10, "dark"));
    expect(drawn).toBe(before);
    expect(again.latent(2)).toEqual(made.latent(2));
    expect([made.caption(2), again.caption(2)]).toEqual(["grey 2", "dark 2"]);
    expect(made.latent(0)).not.toEqual(made.latent(1));
    expect((await latents(source(90, "grey"))).latent(0)).not.toEqual(made.latent(0));
    expect((await latents(source(10, "grey"), 2)).latent(0)).not.toEqual(made.latent(0));
    expect((await readdir(folder)).length).toBe(3);
    await runner.dispose();
  });
});
