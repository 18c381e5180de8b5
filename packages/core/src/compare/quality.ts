// One number for "how little is wrong beside the many-step picture", from 0 to 1. Own definition, and no judge of beauty: exp(-(sum of
// penalties)), each penalty 1 where a fault is plain to see. Softer or harsher, noisier, burnt, tinted pictures lose; content is not looked
// at, so a good picture of something else keeps its points. A failed picture has 0.
import type { Failure } from "./scores/failures.js";
import type { ScoreName, Scores } from "./scores/scores.js";

interface Penalty {
  readonly score: ScoreName;
  /** The penalty of the picture's value beside the reference's. */
  readonly of: (value: number, reference: number) => number;
}

/** Twice or half the reference's value is a penalty of `weight`. Values below `floor` differ by rounding only. */
const doubling =
  (weight: number, floor: number) =>
  (value: number, reference: number): number =>
    weight * Math.abs(Math.log2(Math.max(value, floor) / Math.max(reference, floor)));

const penalties: readonly Penalty[] = [
  { score: "sharpness", of: doubling(0.15, 1) },
  { score: "detail", of: doubling(0.3, 0.2) },
  // less noise than the reference is no fault
  {
    score: "noise",
    of: (value, reference) => 0.3 * Math.log2(Math.max(1, Math.max(value, 0.5) / Math.max(reference, 0.5))),
  },
  { score: "saturation", of: (value, reference) => Math.abs(value - reference) / 0.2 },
  { score: "contrast", of: (value, reference) => Math.abs(value - reference) / 0.15 },
  { score: "clipped", of: (value, reference) => Math.max(0, value - reference) / 0.2 },
  // already a distance to the reference
  { score: "cast", of: (value) => value / 20 },
];

/** Undefined without a reference's scores. */
export function pictureQuality(
  scores: Scores,
  reference: Scores | undefined,
  failures: readonly Failure[],
): number | undefined {
  if (failures.length > 0) return 0;
  if (reference === undefined) return undefined;
  const sum = penalties.reduce((total, { score, of }) => {
    const value = scores[score];
    return value === undefined ? total : total + of(value, reference[score] ?? value);
  }, 0);
  return Math.exp(-sum);
}
