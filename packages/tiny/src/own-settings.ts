// How the embedded model and its LoRAs are run: what a publisher writes on a model card, as data.
import type { GenerateRequest } from "@fewstep/core";

export const TINY_ACCELERATORS = ["lcm", "lightning", "hyper", "turbo"] as const;
export type TinyAccelerator = (typeof TINY_ACCELERATORS)[number];

/** Side of the pictures that it was trained on. */
export const TINY_SIZE = 128;
/** The base's usual guidance. */
export const TINY_GUIDANCE = 3;
/** Steps at which its LoRAs are meant to be used. */
export const TINY_STEPS = 4;

type Sampling = NonNullable<GenerateRequest["sampling"]>;

/** Without guidance; any number of steps from 1 to 8. */
export const TINY_SAMPLING = {
  lcm: { sampler: "lcm", schedule: "lcm" },
  lightning: { sampler: "euler", schedule: "trailing" },
  hyper: { sampler: "tcd", schedule: "lcm" },
  turbo: { sampler: "euler_ancestral", schedule: "trailing" },
} as const satisfies Readonly<Record<TinyAccelerator, Omit<Sampling, "steps">>>;
