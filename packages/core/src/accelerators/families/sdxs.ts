// SDXS (Song et al. 2024, arXiv 2403.16627): pruned SD-type models of one step with a small decoder of their own.
import type { Accelerator, AcceleratorVariant, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { unstated } from "./licences.js";

const demo = "IDKiro/sdxs demo.py";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: demo,
  guidance: demo,
  sampler: "one step: every first-order sampler returns the denoised picture",
  schedule: "from pure noise: arXiv 2403.16627",
  prediction: demo,
  strength: "a whole network has none",
  size: "model names: 512",
  trained: "arXiv 2403.16627: one step from pure noise",
  ranges: "one step only: arXiv 2403.16627",
  lora: "no LoRA",
};

function variant(name: string, title: string, repository: string): AcceleratorVariant {
  return {
    name,
    accelerator: "sdxs",
    title,
    base: "sd15",
    form: "checkpoint",
    files: [{ name: "diffusion_pytorch_model.safetensors", repository, source: "IDKiro/sdxs README" }],
    licence: unstated("no licence could be confirmed for the weights"),
    settings: {
      steps: 1,
      guidance: 1,
      sampler: "euler",
      schedule: "trailing",
      prediction: "epsilon",
      loraStrength: 1,
      size: 512,
    },
    ranges: {
      steps: [1, 1],
      publishedGuidance: [1, 1],
      guidance: [1, 1],
      loraStrength: [1, 1],
      samplers: ["ddim", "lcm"],
    },
    alternatives: [],
    trained: [999],
    negative: "acts",
    sources,
  };
}

export const sdxs: Accelerator = frozen<Accelerator>({
  id: "sdxs",
  title: "SDXS",
  method: "a pruned UNet and a tiny decoder; trained, its authors say, as DMD2 is",
  paper: "arXiv 2403.16627",
  variants: [
    variant("sdxs", "SDXS-512-0.9", "IDKiro/sdxs-512-0.9"),
    variant("sdxs-dreamshaper", "SDXS-512-DreamShaper", "IDKiro/sdxs-512-dreamshaper"),
  ],
  failures: [
    { when: "more than one step", looks: "nothing gained: it was trained for one", source: "arXiv 2403.16627" },
  ],
  absent: ["no accelerator LoRA"],
});
