// The options of `generate` beyond text to picture: a picture to start from, its mask, a second pass, seamless edges, attention guidance.
import type { GenerateRequest } from "@fewstep/core";
import { type Command, Option } from "commander";
import { badValue, isNumber, number, numbers, size, whole, word } from "./parse-values.js";

type Init = NonNullable<GenerateRequest["init"]>;
type Mask = NonNullable<GenerateRequest["mask"]>;
type Hires = NonNullable<GenerateRequest["hires"]>;

/** By how much, or to which size. */
export type HiresSize = { readonly scale: number } | { readonly width: number; readonly height: number };

export interface PictureOptions {
  readonly init?: string;
  readonly strength?: number;
  readonly fit?: NonNullable<Init["fit"]>;
  readonly encode?: NonNullable<Init["encode"]>;
  readonly mask?: string;
  readonly maskBlur?: number;
  readonly maskPaint?: NonNullable<Mask["paint"]>;
  readonly paste?: boolean;
  readonly hires?: HiresSize;
  readonly hiresUpscale?: NonNullable<Hires["upscale"]>;
  readonly hiresFilter?: NonNullable<Hires["filter"]>;
  readonly hiresSteps?: number;
  readonly hiresSampler?: string;
  readonly hiresSchedule?: string;
  readonly hiresTimesteps?: readonly number[];
  readonly hiresSigmas?: readonly number[];
  readonly hiresStrength?: number;
  readonly hiresGuidance?: readonly number[];
  readonly seamless?: NonNullable<GenerateRequest["seamless"]>;
  /** True: --nag without a number. */
  readonly nag?: number | true;
  readonly nagTau?: number;
  readonly nagAlpha?: number;
}

const MAX_STEPS = 10_000;
const FITS = ["stretch", "cover", "exact"] as const;
const ENCODES = ["sample", "mean"] as const;
const PAINTS = ["white", "black"] as const;
const UPSCALES = ["latent", "pixel"] as const;
const FILTERS = ["bilinear", "nearest"] as const;
const AXES = ["x", "y", "xy"] as const;

export function addPictureOptions(command: Command): Command {
  return command
    .option("--init <file>", "a picture to start from: PNG; JPEG and WebP if the sharp package is installed")
    .option("--strength <n>", "part of the steps made on it, 0 to 1; default 0.8, with a mask 1", number("strength"))
    .option("--fit <how>", `a picture of another size: ${FITS.join(", ")}; default stretch`, word("fit", FITS))
    .option(
      "--encode <how>",
      "sample: one of the VAE's distribution (default); mean: its mean",
      word("encode", ENCODES),
    )
    .option("--mask <file>", "of the picture's size: white is painted anew, black is kept")
    .option("--mask-blur <pixels>", "softens the mask; default 0", number("mask-blur"))
    .option("--mask-paint <colour>", "the side that is painted: white (default) or black", word("mask-paint", PAINTS))
    .option("--paste", "put the picture's own pixels back where nothing is painted")
    .option("--hires <size>", "a second pass at a larger size: a scale such as 1.5, or WIDTHxHEIGHT", hiresSize)
    .option("--hires-upscale <how>", "latent (default) or pixel", word("hires-upscale", UPSCALES))
    .option("--hires-filter <name>", "of latents: bilinear (default) or nearest", word("hires-filter", FILTERS))
    .option("--hires-steps <n>", "default: those of the first pass", whole("hires-steps", 1, MAX_STEPS))
    .option("--hires-sampler <name>", "default: the first pass' sampler")
    .option("--hires-schedule <name>", "default: the first pass' schedule")
    .option(
      "--hires-timesteps <list>",
      "exactly these timesteps, of which the strength makes a part",
      numbers("hires-timesteps"),
    )
    .option("--hires-sigmas <list>", "exactly these sigmas, the last one included", numbers("hires-sigmas"))
    .option("--hires-strength <n>", "part of its steps that is made, 0 to 1; default 0.5", number("hires-strength"))
    .option("--hires-guidance <scale>", "default: that of the first pass", numbers("hires-guidance"))
    .option("--seamless <axes>", "edges that tile: x, y or xy", word("seamless", AXES))
    .addOption(
      new Option("--nag [scale]", "makes the negative prompt count at guidance 1; default scale 3").argParser(
        number("nag"),
      ),
    )
    .option("--nag-tau <n>", "how many times its length a feature may grow; default 2.5", number("nag-tau"))
    .option("--nag-alpha <n>", "share of the guided feature, 0 to 1; default 0.5", number("nag-alpha"));
}

/** 2, or 1024x768. Whether the size is possible is for the plan to say. */
export function hiresSize(text: string): HiresSize {
  if (isNumber(text)) return { scale: Number(text) };
  if (/[x*×]/i.test(text)) {
    try {
      return size(text);
    } catch {
      // said below, with the option's own name
    }
  }
  throw badValue("hires", text, "a scale such as 1.5, or WIDTHxHEIGHT in pixels");
}
