// SDXL-Lightning: progressive adversarial distillation (Lin et al. 2024, arXiv 2402.13929). Files are made for one number of steps each.
import type { Accelerator, AcceleratorForm, AcceleratorVariant, PublishedFile, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { trailingTimesteps } from "../trained-timesteps.js";
import { openRail } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const card = "model card ByteDance/SDXL-Lightning";
const tree = "repository tree c9a24f4";
const paper = "arXiv 2402.13929";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: card,
  guidance: card,
  sampler: card,
  schedule: card,
  prediction: card,
  strength: `${card}; Fooocus modules/async_worker.py`,
  size: card,
  trained: `${paper}, section 2.3`,
  ranges: "CFG to 1.5 and strength from 0.7: tools' presets (krita-ai-diffusion, Fooocus)",
  lora: "rank 64: paper, section 3.6; alpha 8: finegrain-ai/refiners stable_diffusion_xl/lcm_lora.py, with image tests",
};

/** Hashes that a source gives. */
const hashes: ReadonlyMap<string, Partial<PublishedFile>> = new Map([
  [
    "sdxl_lightning_4step_lora.safetensors",
    {
      sha256: "bf56cf2657efb15e465d81402ed481d1e11c4677e4bcce1bc11fe71ad8506b79",
      tensorHash: "1c32bdb07a7c",
      source: "finegrain-ai/refiners' registry (SHA-256); Fooocus forks' model list (both)",
    },
  ],
]);

const forms: Readonly<
  Record<AcceleratorForm, { readonly title: string; readonly suffix: string; readonly size: string }>
> = {
  lora: { title: "LoRA", suffix: "_lora", size: "394 MB" },
  unet: { title: "UNet", suffix: "_unet", size: "5.14 GB" },
  checkpoint: { title: "checkpoint", suffix: "", size: "6.94 GB" },
};

function fileOf(steps: number, form: AcceleratorForm, suffix = ""): PublishedFile {
  const name = `sdxl_lightning_${steps}step${forms[form].suffix}${suffix}.safetensors`;
  return {
    name,
    repository: "ByteDance/SDXL-Lightning",
    ...(form === "lora" ? { bytes: 393_854_592 } : {}),
    dtype: "f16",
    source: `${tree}: ${forms[form].size}`,
    ...hashes.get(name),
  };
}

function variant(steps: number, form: AcceleratorForm): AcceleratorVariant {
  const lora = form === "lora";
  return {
    name: `lightning-${steps}`,
    accelerator: "lightning",
    title: `SDXL-Lightning, ${steps} steps, ${forms[form].title}`,
    base: "sdxl",
    form,
    files: [fileOf(steps, form)],
    ...(lora ? { lora: { ...fullLayout.sdxl, alpha: 8 } } : {}),
    licence: openRail(card),
    settings: {
      steps,
      guidance: 1,
      sampler: "euler",
      schedule: "trailing",
      prediction: "epsilon",
      loraStrength: 1,
      size: 1024,
    },
    ranges: {
      steps: [steps, steps],
      publishedGuidance: [1, 1],
      guidance: [1, 1.5],
      loraStrength: lora ? [0.7, 1] : [1, 1],
      samplers: ["ddim"],
    },
    alternatives: [{ title: "in ComfyUI's words", settings: { schedule: "sgm_uniform", start: "root" }, source: card }],
    trained: trailingTimesteps(steps),
    negative: "acts",
    ...(steps <= 2 ? { squareUpTo: 2 } : {}),
    sources,
  };
}

function oneStep(form: "unet" | "checkpoint"): AcceleratorVariant {
  const plain = variant(1, form);
  return {
    ...plain,
    title: `SDXL-Lightning, 1 step, predicts the picture itself, ${forms[form].title}`,
    files: [fileOf(1, form, "_x0")],
    settings: { ...plain.settings, prediction: "sample" },
    ranges: { ...plain.ranges, guidance: [1, 1] },
  };
}

const stepCounts = [2, 4, 8] as const;

export const lightning: Accelerator = frozen<Accelerator>({
  id: "lightning",
  title: "SDXL-Lightning",
  method: "progressive distillation, first with MSE and then adversarial (PADD)",
  paper,
  variants: [
    oneStep("unet"),
    oneStep("checkpoint"),
    ...(["lora", "unet", "checkpoint"] as const).flatMap((form) => stepCounts.map((steps) => variant(steps, form))),
  ],
  failures: [
    { when: "Euler ancestral", looks: "noise that is never removed", source: "author, HF discussion #9" },
    {
      when: "another number of steps than the file's",
      looks: "worse: the steps fall between the noise levels it was trained at",
      source: card,
    },
    { when: "guidance above 1.5", looks: "burnt colours", source: "Fooocus PR #2415; card" },
    { when: "a strongly stylised base at guidance 1", looks: "opaque, flat", source: "HF discussions" },
    { when: "1 or 2 steps", looks: "conjoined bodies", source: `${paper}, section 3.4` },
    { when: "not square at 1 or 2 steps", looks: "degraded shapes", source: `${paper}, section 5.2` },
    {
      when: "the LoRA on SDXL's own base",
      looks: "weaker than the UNet, most of all at 2 steps",
      source: `${card}; ${paper}, section 4.2`,
    },
  ],
  absent: ['no 1-step LoRA ("due to the substantial formulation change", section 3.7.3)', "nothing for SD1.5"],
});
