// Hyper-SD: trajectory-segmented consistency distillation with human feedback (Ren et al. 2024, arXiv 2404.13686).
// Three kinds of file: N-step LoRAs, CFG-preserving LoRAs, and two quite different 1-step ones (a LoRA for TCD, a UNet for t = 800).
import type { Accelerator, AcceleratorVariant, PublishedFile, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { trailingTimesteps } from "../trained-timesteps.js";
import { unstated } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const card = "model card ByteDance/Hyper-SD";
const tree = "repository tree d62366f";
const paper = "arXiv 2404.13686";
const sdNext = "tensor hash: SD.Next modules/lora/network_overrides.py";
const licence = unstated("the repository declares no licence");

type Base = "sd15" | "sdxl";
const bases: Readonly<Record<Base, { readonly word: string; readonly size: number; readonly bytes: number }>> = {
  sd15: { word: "SD15", size: 512, bytes: 269_127_064 },
  sdxl: { word: "SDXL", size: 1024, bytes: 787_359_648 },
};

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: card,
  guidance: card,
  sampler: card,
  schedule: card,
  prediction: card,
  strength: card,
  size: card,
  trained: `${paper}, section 3.1`,
  ranges: "CFG 1 to 1.5, strength from 0.75 on SDXL fine-tunes: sandner.art; Fooocus: 0.8",
  lora: "rank 64 and layout: proven by the files' lengths; alpha is in the files and is read from there",
};

/** Hashes that a source gives, by file name. */
const hashes: ReadonlyMap<string, Partial<PublishedFile>> = new Map(
  (
    [
      ["Hyper-SD15-1step-lora", "5a48ac366664"],
      ["Hyper-SD15-2steps-lora", "ee0ff23dcc42"],
      ["Hyper-SD15-4steps-lora", "e476eb1da5df"],
      ["Hyper-SD15-8steps-lora", "ecb844c3f3b0"],
      ["Hyper-SD15-8steps-CFG-lora", "1ab289133ebb"],
      ["Hyper-SDXL-1step-lora", "8cca3706050b"],
      ["Hyper-SDXL-2steps-lora", "fdd5dcd1d88a"],
      ["Hyper-SDXL-4steps-lora", "1c88f7295856", "12f81a27d00a751a40d68fd15597091896c5a90f3bd632fb6c475607cbdad76e"],
      ["Hyper-SDXL-8steps-lora", "4f494295edb1", "ca689190e8c46038550384b5675488526cfe5a40d35f82b27acb75c100f417c1"],
      ["Hyper-SDXL-8steps-CFG-lora", "ca14a8c621f8"],
    ] as const
  ).map(([name, tensorHash, sha256]) => [name, { tensorHash, ...(sha256 === undefined ? {} : { sha256 }) }]),
);

function loraFile(base: Base, suffix: string): PublishedFile {
  const name = `Hyper-${bases[base].word}-${suffix}-lora`;
  const known = hashes.get(name);
  return {
    name: `${name}.safetensors`,
    repository: "ByteDance/Hyper-SD",
    bytes: bases[base].bytes,
    dtype: "f32",
    ...known,
    source: [tree, known?.tensorHash && sdNext, known?.sha256 && "SHA-256: Fooocus forks' model list"]
      .filter(Boolean)
      .join("; "),
  };
}

function lora(base: Base, name: string, suffix: string, title: string): AcceleratorVariant {
  return {
    name,
    accelerator: "hyper",
    title: `Hyper-${bases[base].word}, ${title}`,
    base,
    form: "lora",
    files: [loraFile(base, suffix)],
    lora: fullLayout[base],
    licence,
    settings: {
      steps: 8,
      guidance: 1,
      sampler: "ddim",
      schedule: "trailing",
      settings: { eta: 0 },
      prediction: "epsilon",
      loraStrength: 1,
      size: bases[base].size,
    },
    ranges: {
      steps: [8, 8],
      publishedGuidance: [1, 1],
      guidance: [1, 1.5],
      loraStrength: base === "sdxl" ? [0.6, 1] : [0.8, 1],
      samplers: ["euler", "tcd", "lcm"],
    },
    alternatives: [],
    trained: [],
    negative: "acts",
    sources,
  };
}

function nStep(base: Base, steps: number): AcceleratorVariant {
  const plain = lora(base, `hyper-${steps}`, `${steps}steps`, `${steps} steps`);
  return {
    ...plain,
    settings: { ...plain.settings, steps },
    ranges: { ...plain.ranges, steps: [steps, steps] },
    trained: trailingTimesteps(steps),
  };
}

function unified(base: Base): AcceleratorVariant {
  const plain = lora(base, "hyper-1", "1step", "unified 1-step LoRA (1 to 8 steps)");
  return {
    ...plain,
    settings: { ...plain.settings, steps: 1, sampler: "tcd", schedule: "lcm", settings: { gamma: 1 } },
    ranges: { ...plain.ranges, steps: [1, 8], gamma: [0, 1], samplers: ["lcm"] },
    alternatives: [
      { title: "four steps, more detail", settings: { steps: 4, settings: { gamma: 0.5 } }, source: card },
    ],
    trained: trailingTimesteps(8),
    sources: {
      ...sources,
      ranges: `${card}: 1 to 8 steps, gamma 1 at one step, lower for more detail at several; ${sources.ranges}`,
      trained: `${paper}, section 4.1: trained at t = 999; the steps below come from its stages`,
    },
  };
}

function cfg(base: Base, steps: number): AcceleratorVariant {
  const plain = lora(base, `hyper-${steps}-cfg`, `${steps}steps-CFG`, `${steps} steps, CFG preserved`);
  return {
    ...plain,
    settings: { ...plain.settings, steps, guidance: 5 },
    ranges: { ...plain.ranges, steps: [steps, steps], publishedGuidance: [5, 8], guidance: [3, 8] },
    alternatives: [{ title: "upper end of guidance", settings: { guidance: 8 }, source: card }],
    trained: trailingTimesteps(steps),
    sources: {
      ...sources,
      sampler: "as the other N-step files (the card shows the workflow of the N-step files)",
      ranges: `5 to 8: ${card} and its author, HF discussion #32; down to 3: sandner.art`,
    },
  };
}

const unet: AcceleratorVariant = {
  name: "hyper-1",
  accelerator: "hyper",
  title: "Hyper-SDXL, 1-step UNet at t = 800",
  base: "sdxl",
  form: "unet",
  files: [
    {
      name: "Hyper-SDXL-1step-Unet.safetensors",
      repository: "ByteDance/Hyper-SD",
      dtype: "f32",
      source: `${tree}: 10.3 GB`,
    },
    {
      name: "Hyper-SDXL-1step-Unet-Comfyui.fp16.safetensors",
      repository: "ByteDance/Hyper-SD",
      dtype: "f16",
      source: `${tree}: 6.94 GB, in a whole checkpoint`,
    },
  ],
  licence,
  settings: {
    steps: 1,
    guidance: 1,
    sampler: "lcm",
    schedule: "lcm",
    timesteps: [800],
    prediction: "epsilon",
    loraStrength: 1,
    size: 1024,
  },
  ranges: { steps: [1, 1], publishedGuidance: [1, 1], guidance: [1, 1], loraStrength: [1, 1], samplers: [] },
  alternatives: [],
  trained: [800],
  negative: "acts",
  sources: {
    ...sources,
    trained: `${paper}, section 4.1: T = 800`,
    strength: "a whole network has none",
    lora: "no LoRA",
  },
};

const stepCounts = [2, 4, 8] as const;

export const hyper: Accelerator = frozen<Accelerator>({
  id: "hyper",
  title: "Hyper-SD",
  method:
    "trajectory-segmented consistency distillation, fewer and fewer segments, then human-feedback learning (TSCD)",
  paper,
  variants: [
    ...(["sd15", "sdxl"] as const).flatMap((base) => [
      unified(base),
      ...stepCounts.map((steps) => nStep(base, steps)),
      cfg(base, 8),
      cfg(base, 12),
    ]),
    unet,
  ],
  failures: [
    { when: "a CFG file at guidance 1", looks: '"terrible results"', source: "author, HF discussion #32" },
    { when: "an N-step file at guidance 5", looks: "burnt colours", source: card },
    {
      when: "the 1-step UNet started at 999 instead of 800",
      looks: "noisy artefacts",
      source: `${card}; ${paper}, section 4.1`,
    },
    {
      when: "the schedule `normal`",
      looks: "one step is spent at t = 0 for nothing, the others lie between the trained ones",
      source: "the schedule's definition",
    },
    { when: "always", looks: "less variety than PCM", source: "PCM README, figure" },
  ],
  absent: ["files for SD3 and FLUX exist; those are no families here"],
});
