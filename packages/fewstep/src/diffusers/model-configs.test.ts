// The configs against those of the reference's own pipelines, for every checkpoint that the golden tests use.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { families, type UnetConfig } from "@fewstep/core";
import { type Checkpoint, openModel } from "@fewstep/core/node";
import { describe, expect, it } from "vitest";
import { REPOSITORY, testModel } from "../test-models.test.fixture.js";
import { modelConfigs } from "./model-configs.js";

type Configs = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
const GOLDEN = JSON.parse(
  readFileSync(join(REPOSITORY, "test", "golden", "data", "specs", "configs.json"), "utf8"),
) as Configs;
/** What both libraries take where nothing is said. */
const DEFAULTS: ReadonlySet<string> = new Set([
  "act_fn",
  "flip_sin_to_cos",
  "freq_shift",
  "center_input_sample",
  "downsample_padding",
  "mid_block_scale_factor",
]);

const configsOf = ({ family, unet, vae, text, prediction, zeroTerminalSnr, scalingFactor }: Checkpoint) =>
  modelConfigs({
    family,
    unet: unet.config,
    vae: vae!.config,
    text: text.map(({ config }) => config),
    vocabulary: 49408,
    prediction: prediction.type,
    zeroTerminalSnr,
    scalingFactor,
    size: 512,
  });

describe.each(["sd15-tiny", "sdxl-tiny", "sd21-tiny", "sd15-inpaint-tiny"])("%s", (spec) => {
  it("is described as the reference has it", async () => {
    const configs = configsOf(await openModel(testModel(spec)))!;
    for (const [part, golden] of Object.entries(GOLDEN[spec]!)) {
      const written = configs[`${part}/config.json`]!;
      const stated = Object.entries(golden).filter(([key]) => !DEFAULTS.has(key) && key !== "sample_size");
      expect(written, part).toMatchObject(Object.fromEntries(stated));
    }
    const { _class_name: pipeline } = configs["model_index.json"]!;
    expect(pipeline).toBe(
      `StableDiffusion${spec.startsWith("sdxl") ? "XL" : ""}${spec.includes("inpaint") ? "Inpaint" : ""}Pipeline`,
    );
  });
});

it("a guidance input is said, a pruned UNet cannot be", async () => {
  const { unet, ...checkpoint } = await openModel(testModel("sd15-tiny"));
  const withUnet = (config: UnetConfig) => configsOf({ ...checkpoint, unet: { ...unet, config } });
  const guided = withUnet({ ...unet.config, guidanceWidth: 256 })!;
  expect(guided["unet/config.json"]).toMatchObject({ time_cond_proj_dim: 256 });
  const [first, ...rest] = unet.config.down;
  expect(withUnet({ ...unet.config, down: [{ ...first!, transformers: [1, 0] }, ...rest] })).toBeUndefined();
  expect(families.sd15.id).toBe("sd15");
});

it("noise alone at the last timestep is said of models that were trained so", async () => {
  const checkpoint = await openModel(testModel("sd15-tiny"));
  const scheduler = (zeroTerminalSnr: boolean) =>
    configsOf({ ...checkpoint, zeroTerminalSnr })!["scheduler/scheduler_config.json"]!;
  expect(scheduler(false)).not.toHaveProperty("rescale_betas_zero_snr");
  expect(scheduler(true)).toMatchObject({ rescale_betas_zero_snr: true, timestep_spacing: "trailing" });
});
