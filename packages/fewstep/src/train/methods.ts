// What `fewstep train` can train, as data: defaults of each method, from its paper where they carry over and from docs/training.md where not.
import type { LearningRate } from "@fewstep/train";

export const METHODS = ["vae", "base", "lcm", "lightning", "hyper", "turbo"] as const;
export type Method = (typeof METHODS)[number];

/** base and vae learn from nothing; the others distil an adapter from a teacher. */
export type AdapterMethod = Exclude<Method, "vae" | "base">;

export interface MethodDefaults {
  readonly title: string;
  /** Training iterations. */
  readonly steps: number;
  readonly batch: number;
  /** `peak` is what --learning-rate changes. */
  readonly learningRate: LearningRate;
}

export const DEFAULTS: Readonly<Record<Method, MethodDefaults>> = {
  vae: {
    title: "an autoencoder, from nothing",
    steps: 4000,
    batch: 8,
    learningRate: { peak: 1.5e-3, warmUp: 100, decay: "cosine" },
  },
  base: {
    title: "a whole model on an autoencoder, from nothing",
    steps: 10_000,
    batch: 32,
    learningRate: { peak: 1e-3, warmUp: 200, decay: "cosine", floor: 0.02 },
  },
  lcm: {
    title: "an LCM-LoRA: consistency distillation",
    steps: 2000,
    batch: 16,
    learningRate: { peak: 1e-4, warmUp: 50, decay: "constant" },
  },
  lightning: {
    title: "a Lightning LoRA: progressive, then adversarial distillation",
    steps: 2000,
    batch: 16,
    learningRate: { peak: 1e-4, warmUp: 50, decay: "constant" },
  },
  hyper: {
    title: "a Hyper LoRA: trajectory segmented consistency",
    steps: 4000,
    batch: 16,
    learningRate: { peak: 1e-4, warmUp: 50, decay: "constant" },
  },
  turbo: {
    title: "a Turbo LoRA: adversarial diffusion distillation",
    steps: 2000,
    batch: 16,
    learningRate: { peak: 2e-5, warmUp: 50, decay: "constant" },
  },
};
