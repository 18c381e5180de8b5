// The options of where noise comes from: whose generator, variations of a seed, one stream for a batch.
import { FewstepError, type GenerateRequest, type NoiseSourceName, noiseSources } from "@fewstep/core";
import type { Command } from "commander";
import { badValue, number, seed, word } from "./parse-values.js";

type Noise = NonNullable<GenerateRequest["noise"]>;

export interface NoiseOptions {
  readonly noise?: NoiseSourceName;
  readonly subseed?: bigint;
  readonly subseedStrength?: number;
  readonly oneGenerator?: boolean;
  readonly stepNoise?: NonNullable<Noise["steps"]>;
  readonly stepSeedOffset?: string;
  readonly stepSource?: NoiseSourceName;
}

export const NOISE_SOURCES = Object.keys(noiseSources) as readonly NoiseSourceName[];
const STEP_NOISES = ["stream", "brownian-tree"] as const;

export function addNoiseOptions(command: Command): Command {
  return command
    .option(
      "--noise <source>",
      "torch-cpu (default; ComfyUI, diffusers), philox (A1111 on a GPU), numpy, numpy-default",
      word("noise", NOISE_SOURCES),
    )
    .option("--subseed <n>", "turn the start noise towards this seed's; default the seed's own", seed("subseed"))
    .option("--subseed-strength <n>", "how far, 0 to 1: with it --count makes variations of one seed", subseedStrength)
    .option("--one-generator", "one stream draws for all pictures, as diffusers does with one generator")
    .option(
      "--step-noise <kind>",
      "stream (default), brownian-tree (as ComfyUI and A1111 for SDE samplers)",
      word("step-noise", STEP_NOISES),
    )
    .option(
      "--step-source <source>",
      "where the noise of the steps comes from, if not from --noise; philox with --like comfyui: ComfyUI on an NVIDIA GPU",
      word("step-source", NOISE_SOURCES),
    )
    .option("--step-seed-offset <n>", "added to the seed for the noise of steps (A1111's ENSD)", wholeSigned);
}

/** What the options say of noise; with `count` pictures as many subseeds. Undefined: nothing. @throws FewstepError `option-needs-another` */
export function noiseOf(options: NoiseOptions, firstSeed: bigint, count: number): Noise | undefined {
  if (options.subseed !== undefined && options.subseedStrength === undefined)
    throw new FewstepError({
      code: "option-needs-another",
      message: "--subseed means nothing alone",
      found: "--subseed without --subseed-strength",
      hint: "add --subseed-strength, or leave --subseed out",
    });
  const { noise, subseed = firstSeed, subseedStrength: strength, oneGenerator, stepNoise } = options;
  const { stepSeedOffset, stepSource } = options;
  const subseeds = Array.from({ length: count }, (_, i) => String((subseed + BigInt(i)) % 2n ** 64n));
  const all: Noise = {
    ...(noise && { source: noise }),
    ...(isVaried(options) ? { subseeds, subseedStrength: strength! } : {}),
    ...(oneGenerator ? { batch: "one-generator" } : {}),
    ...(stepNoise && { steps: stepNoise }),
    ...(stepSeedOffset === undefined ? {} : { stepSeedOffset }),
    ...(stepSource && { stepSource }),
  };
  return Object.keys(all).length === 0 ? undefined : all;
}

/** Variations keep the seed and count the subseed, as in A1111. */
export const isVaried = ({ subseedStrength: strength = 0 }: NoiseOptions): boolean => strength > 0;

function subseedStrength(text: string): number {
  const value = number("subseed-strength")(text);
  if (value >= 0 && value <= 1) return value;
  throw badValue("subseed-strength", text, "0 to 1");
}

function wholeSigned(text: string): string {
  if (/^-?\d{1,19}$/.test(text)) return text;
  throw badValue("step-seed-offset", text, "a whole number");
}
