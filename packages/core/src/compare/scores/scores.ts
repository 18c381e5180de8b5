// All scores of one picture, and what each means, as data: the report, the exports and the documentation read the same table.
import type { Pixels, Planes } from "../../image/pixels.js";
import { burn } from "./burn.js";
import { colourCast } from "./colour-cast.js";
import { detail } from "./detail.js";
import { type Failure, failuresOf } from "./failures.js";
import { gradientDistance } from "./gradient-distance.js";
import type { ModelScoreName } from "./model-scores.js";
import { noiseResidue } from "./noise-residue.js";
import { psnr } from "./psnr.js";
import { sharpness } from "./sharpness.js";
import { ssim } from "./ssim.js";

export type ScoreName =
  | "psnr"
  | "ssim"
  | "distance"
  | "sharpness"
  | "saturation"
  | "contrast"
  | "clipped"
  | "cast"
  | "noise"
  | "detail";

export interface ScoreDefinition {
  readonly name: ScoreName;
  readonly title: string;
  readonly unit: string;
  /** `reference`: only beside a reference. */
  readonly kind: "reference" | "own";
  /** Where good values lie. `near-reference`: neither more nor less than the reference has. */
  readonly better: "higher" | "lower" | "near-reference";
  readonly definition: string;
  readonly measure: (picture: Pixels, reference: Pixels) => number;
}

export const scoreDefinitions: readonly ScoreDefinition[] = [
  {
    name: "distance",
    title: "Perceptual distance",
    unit: "",
    kind: "reference",
    better: "lower",
    definition: "MS-GMSDc to the many-step picture of the same seed (Zhang et al. 2017)",
    measure: gradientDistance,
  },
  {
    name: "ssim",
    title: "SSIM",
    unit: "",
    kind: "reference",
    better: "higher",
    definition: "structural similarity of luma to the many-step picture of the same seed (Wang et al. 2004)",
    measure: ssim,
  },
  {
    name: "psnr",
    title: "PSNR",
    unit: "dB",
    kind: "reference",
    better: "higher",
    definition: "peak signal-to-noise ratio to the many-step picture of the same seed",
    // 100 dB stands for equal pictures: JSON has no infinity
    measure: (picture, reference) => Math.min(100, psnr(picture, reference)),
  },
  {
    name: "sharpness",
    title: "Sharpness",
    unit: "",
    kind: "own",
    better: "near-reference",
    definition: "variance of luma's Laplacian (Pech-Pacheco et al. 2000)",
    measure: sharpness,
  },
  {
    name: "detail",
    title: "High-frequency detail",
    unit: "levels",
    kind: "own",
    better: "near-reference",
    definition: "root mean square of luma at 0.25 cycles a pixel and above (Welch's method)",
    measure: detail,
  },
  {
    name: "noise",
    title: "Noise residue",
    unit: "levels",
    kind: "own",
    better: "near-reference",
    definition: "sigma of white noise in luma (Immerkaer 1996); fine texture counts too",
    measure: noiseResidue,
  },
  {
    name: "saturation",
    title: "Saturation",
    unit: "",
    kind: "own",
    better: "near-reference",
    definition: "mean of max(R, G, B) - min(R, G, B), of the full scale",
    measure: (picture) => burn(picture).saturation,
  },
  {
    name: "contrast",
    title: "Contrast",
    unit: "",
    kind: "own",
    better: "near-reference",
    definition: "standard deviation of luma, of the full scale (RMS contrast, Peli 1990)",
    measure: (picture) => burn(picture).contrast,
  },
  {
    name: "clipped",
    title: "Clipped colours",
    unit: "",
    kind: "own",
    better: "near-reference",
    definition: "share of coloured pixels with a channel at the end of the scale",
    measure: (picture) => burn(picture).clipped,
  },
  {
    name: "cast",
    title: "Colour cast",
    unit: "",
    kind: "reference",
    better: "lower",
    definition: "distance of the mean colour from the many-step picture's, in CIELAB's a*b*",
    measure: colourCast,
  },
];

/** Undefined: needs a reference that is not there, a larger picture, or a network's file. */
export type Scores = Readonly<Partial<Record<ScoreName | ModelScoreName, number>>>;

export interface PictureScores {
  readonly scores: Scores;
  readonly failures: readonly Failure[];
}

/** A picture's scores; those that need a reference of its size are left out without one. A failed picture has none. */
export function scorePicture(picture: Pixels, reference?: Pixels, planes?: Planes): PictureScores {
  const failures = failuresOf(picture, planes);
  if (failures.includes("non-finite")) return { scores: {}, failures };
  const usable = reference?.width === picture.width && reference.height === picture.height ? reference : undefined;
  const fits = Math.min(picture.width, picture.height) >= 24;
  const scores: Partial<Record<ScoreName, number>> = {};
  for (const { name, kind, measure } of scoreDefinitions) {
    if (kind === "reference" && (usable === undefined || !fits)) continue;
    scores[name] = measure(picture, usable ?? picture);
  }
  return { scores, failures };
}
