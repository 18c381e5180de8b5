// How the embedded model and its LoRAs are run: what a publisher writes on a model card, as data.
import type { GenerateRequest } from "@fewstep/core";

export const TINY_ACCELERATORS = ["lcm", "lightning", "hyper", "turbo"] as const;
export type TinyAccelerator = (typeof TINY_ACCELERATORS)[number];

/** Side of the pictures that it was trained on. */
export const TINY_SIZE = 128;
/** The base's usual guidance. */
export const TINY_GUIDANCE = 3;
/** How the base is used without an accelerator. */
export const TINY_SETTINGS = { steps: 25, guidance: TINY_GUIDANCE, sampler: "ddim", schedule: "trailing" } as const;
/** Steps at which its LoRAs are meant to be used. */
export const TINY_STEPS = 4;

type Sampling = NonNullable<GenerateRequest["sampling"]>;

/** Without guidance; any number of steps from 1 to 8. */
export const TINY_SAMPLING = {
  lcm: { sampler: "lcm", schedule: "lcm" },
  lightning: { sampler: "euler", schedule: "trailing" },
  hyper: { sampler: "ddim", schedule: "trailing" },
  turbo: { sampler: "euler_ancestral", schedule: "trailing" },
} as const satisfies Readonly<Record<TinyAccelerator, Omit<Sampling, "steps">>>;

/** What each LoRA is in the table of published accelerators. */
export const TINY_VARIANTS: Readonly<Record<TinyAccelerator, string>> = {
  lcm: "lcm",
  lightning: "lightning-4",
  hyper: "hyper-4",
  turbo: "turbo",
};
