// Phased consistency models (Wang et al. 2024, arXiv 2405.18407). Three kinds of LoRA: small CFG, normal CFG (negative prompts act), LCM-like.
import type { Accelerator, AcceleratorVariant, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { consistencyGrid, trailingTimesteps } from "../trained-timesteps.js";
import { unstated } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const readme = "G-U-N/Phased-Consistency-Model README and demo";
const repository = "wangfuyun/PCM_Weights";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: readme,
  guidance: readme,
  sampler: readme,
  schedule: `${readme}; issue #2: must start at 999, DDPM is wrong`,
  prediction: readme,
  strength: readme,
  size: readme,
  trained: "phases of equal length: arXiv 2405.18407, section 3",
  ranges: "small CFG 1 to 2, normal CFG 3 to 7.5: README, issue #2, a preset table",
  lora: "rank 64: train_pcm_lora_sd15.sh; the converted files have the common layout; alpha is read from the file",
};

type Base = "sd15" | "sdxl";
const sizes: Readonly<Record<Base, number>> = { sd15: 512, sdxl: 1024 };

function plain(base: Base, name: string, file: string, title: string): AcceleratorVariant {
  return {
    name,
    accelerator: "pcm",
    title: `PCM for ${base === "sdxl" ? "SDXL" : "SD1.5"}, ${title}`,
    base,
    form: "lora",
    files: [{ name: `pcm_${base}_${file}_converted.safetensors`, repository, source: `${repository}, ${base}/` }],
    lora: fullLayout[base],
    licence: unstated("no licence could be confirmed for the weights"),
    settings: {
      steps: 4,
      guidance: 1,
      sampler: "ddim",
      schedule: "trailing",
      settings: { eta: 0 },
      prediction: "epsilon",
      loraStrength: 1,
      size: sizes[base],
    },
    ranges: {
      steps: [4, 4],
      publishedGuidance: [1, 1],
      guidance: [1, 2],
      loraStrength: [0.6, 1],
      samplers: ["euler", "tcd"],
    },
    alternatives: [],
    trained: [],
    negative: "acts",
    sources,
  };
}

function phased(base: Base, kind: "smallcfg" | "normalcfg", steps: number): AcceleratorVariant {
  const normal = kind === "normalcfg";
  const one = plain(base, `pcm-${steps}${normal ? "-cfg" : ""}`, `${kind}_${steps}step`, `${steps} steps, ${kind}`);
  return {
    ...one,
    settings: { ...one.settings, steps, ...(normal ? { guidance: 7.5 } : {}) },
    ranges: {
      ...one.ranges,
      steps: [steps, steps],
      ...(normal ? { publishedGuidance: [4, 7.5], guidance: [3, 7.5] } : {}),
    },
    alternatives: [
      {
        title: "the demo's sampler",
        settings: { sampler: "tcd", settings: { gamma: 0.3 } },
        source: "PCM demo: TCDScheduler, trailing, with diffusers' default eta",
      },
    ],
    trained: trailingTimesteps(steps),
  };
}

function lcmLike(base: Base): AcceleratorVariant {
  const one = plain(base, "pcm-lcm", "lcmlike_lora", "used as an LCM-LoRA");
  return {
    ...one,
    settings: { ...one.settings, sampler: "lcm", schedule: "lcm", settings: {} },
    ranges: { ...one.ranges, steps: [2, 8], samplers: ["tcd"] },
    trained: consistencyGrid,
    negative: "weak",
  };
}

export const pcm: Accelerator = frozen<Accelerator>({
  id: "pcm",
  title: "PCM",
  method:
    "consistency within phases of the trajectory, with an adversarial consistency loss; deterministic over many steps",
  paper: "arXiv 2405.18407",
  variants: (["sd15", "sdxl"] as const).flatMap((base) => [
    ...[2, 4, 8, 16].map((steps) => phased(base, "smallcfg", steps)),
    ...[4, 8, 16].map((steps) => phased(base, "normalcfg", steps)),
    lcmLike(base),
  ]),
  failures: [
    { when: "a schedule that does not start at 999, or DDPM", looks: "noise and blur", source: "PCM issue #2" },
    { when: "the unconverted PEFT file in a kohya-only loader", looks: "nothing happens", source: "PCM issue #11" },
  ],
  absent: [],
});
