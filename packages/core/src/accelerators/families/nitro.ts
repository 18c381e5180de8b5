// NitroFusion (Chen et al. 2024, arXiv 2412.02030): SDXL UNets of 1 to 4 steps that are fed a shifted timestep, floor(t * shift / 1000),
// while the noise level stays that of t.
import type { Accelerator, AcceleratorVariant, Licence, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { trailingTimesteps } from "../trained-timesteps.js";
import { nonCommercial, openRail } from "./licences.js";

const readme = "ChenDarYen/NitroFusion README";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: readme,
  guidance: readme,
  sampler: readme,
  schedule: `${readme}: original_inference_steps 4`,
  prediction: readme,
  strength: "a whole network has none",
  size: readme,
  trained: `${readme}: as fed, after the shift`,
  ranges: `${readme}: 1 to 4 steps`,
  lora: "no LoRA",
};

function variant(kind: "realism" | "vibrant", timestepShift: number, licence: Licence): AcceleratorVariant {
  return {
    name: `nitro-${kind}`,
    accelerator: "nitro",
    title: `NitroSD-${kind === "realism" ? "Realism" : "Vibrant"}`,
    base: "sdxl",
    form: "unet",
    files: [
      { name: `nitrosd-${kind}_unet.safetensors`, repository: "ChenDY/NitroFusion", dtype: "f16", source: readme },
    ],
    licence,
    settings: {
      steps: 1,
      guidance: 1,
      sampler: "lcm",
      schedule: { name: "lcm", originSteps: 4 },
      prediction: "epsilon",
      loraStrength: 1,
      size: 1024,
      timestepShift,
    },
    ranges: { steps: [1, 4], publishedGuidance: [1, 1], guidance: [1, 1], loraStrength: [1, 1], samplers: [] },
    alternatives: [{ title: "four steps", settings: { steps: 4 }, source: readme }],
    trained: trailingTimesteps(4).map((t) => Math.floor((t * timestepShift) / 1000)),
    negative: "acts",
    sources,
  };
}

export const nitro: Accelerator = frozen<Accelerator>({
  id: "nitro",
  title: "NitroFusion",
  method: "a frozen teacher's encoder with a pool of discriminator heads, some of them renewed all the time",
  paper: "arXiv 2412.02030",
  variants: [variant("realism", 250, nonCommercial("CC BY-NC 4.0", readme)), variant("vibrant", 500, openRail(readme))],
  failures: [
    {
      when: "the timestep is not shifted",
      looks: "the network is told the wrong noise level",
      source: readme,
    },
  ],
  absent: ["no LoRA, no training code"],
});
