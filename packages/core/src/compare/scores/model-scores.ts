// Scores that another network gives, where the user has its file: what they mean, as data. Who computes them is a PictureScorer; numbers of
// two files are not the same score, so a scorer has an identity.
import type { Pixels } from "../../image/pixels.js";

export type ModelScoreName = "adherence" | "clip" | "clipReference";

export interface ModelScoreDefinition {
  readonly name: ModelScoreName;
  readonly title: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly definition: string;
}

export const modelScoreDefinitions: readonly ModelScoreDefinition[] = [
  {
    name: "adherence",
    title: "Adherence",
    unit: "",
    better: "higher",
    definition:
      "share of the attributes named in the prompt that the embedded model's judge reads in the picture; the judge reads drawn pictures with few errors and never took part in training",
  },
  {
    name: "clip",
    title: "CLIP score",
    unit: "",
    better: "higher",
    definition:
      "100 times the cosine of picture and prompt in the given CLIP, at least 0 (Hessel et al. 2021, without their factor 2.5); 25 to 35 is usual, and 1 apart is little",
  },
  {
    name: "clipReference",
    title: "CLIP likeness",
    unit: "",
    better: "higher",
    definition: "100 times the cosine of picture and many-step picture in the given CLIP (CLIP-I, Ruiz et al. 2023)",
  },
];

export type ModelScores = Readonly<Partial<Record<ModelScoreName, number>>>;

export interface ScoredPicture {
  readonly pixels: Pixels;
  readonly prompt: string;
  readonly reference?: Pixels;
}

/** What reads: the embedded model's judge, or a CLIP of the user's. */
export type ScorerKind = "judge" | "clip";

export const SCORER_KINDS: readonly ScorerKind[] = ["judge", "clip"];

export interface PictureScorer {
  readonly kind: ScorerKind;
  /** Of the network's file: with the same identity the same picture has the same scores. */
  readonly id: string;
  /** A score that it cannot give is left out. */
  score(picture: ScoredPicture, signal: AbortSignal): Promise<ModelScores>;
  dispose(): Promise<void>;
}

/** Cosine of two vectors; 0 where one of them has no length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, lengthA, lengthB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    lengthA += a[i]! ** 2;
    lengthB += b[i]! ** 2;
  }
  return lengthA === 0 || lengthB === 0 ? 0 : product / Math.sqrt(lengthA * lengthB);
}
