// Pictures of one method -> rows and features, by the judge.
import { type Pixels, scoreDefinitions } from "@fewstep/core";
import type { StepRunner } from "@fewstep/train";
import { see } from "../classifier/classifier.js";
import { ABSENT, ATTRIBUTE_NAMES, type Labels, labelsOf } from "../illustrator/labels.js";
import type { EvaluationPrompt } from "../illustrator/prompts.js";
import { JUDGE } from "../judge/judge.js";
import type { MadePicture } from "./make-pictures.js";
import { rightOf } from "./reading-accuracy.js";
import type { ScoreRow } from "./rows.js";
import type { ScoredMethod } from "./scored-methods.js";

export interface JudgedPrompt extends EvaluationPrompt {
  readonly split: ScoreRow["split"];
}

export interface Judged {
  readonly rows: readonly ScoreRow[];
  /** Of each row's picture. */
  readonly features: readonly Float32Array[];
}

const sharpness = scoreDefinitions.find(({ name }) => name === "sharpness")!.measure;

export function rgbOf({ data }: Pixels): Uint8Array {
  return Uint8Array.from({ length: (data.length / 4) * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)]!);
}

export async function judgePictures(
  runner: StepRunner,
  judge: Float32Array,
  { name: method, steps, calls }: Pick<ScoredMethod, "name" | "steps" | "calls">,
  prompts: readonly JudgedPrompt[],
  pictures: readonly MadePicture[],
): Promise<Judged> {
  const labels = prompts.map(({ scene }) => labelsOf(scene));
  const rows: ScoreRow[] = [];
  const features: Float32Array[] = [];
  const classifier = { shape: JUDGE, vector: judge, resident: JUDGE.name };
  for await (const seen of see(
    runner,
    classifier,
    pictures.map(({ pixels }) => rgbOf(pixels)),
  )) {
    const { prompt, seed, pixels, seconds } = pictures[rows.length]!;
    const own = rightOf(seen.classes, labels[prompt]!);
    const other = rightOf(seen.classes, labels[otherPrompt(labels, prompt)]!);
    rows.push({
      method,
      steps,
      calls,
      prompt,
      split: prompts[prompt]!.split,
      seed,
      named: own.shown,
      right: own.right,
      shuffledNamed: other.shown,
      shuffledRight: other.right,
      sharpness: sharpness(pixels, pixels),
      seconds,
    });
    features.push(seen.features);
  }
  return { rows, features };
}

/** The next prompt that shows the same attributes: a shuffle that a judge cannot pass by telling a house from a girl. */
function otherPrompt(labels: readonly Labels[], prompt: number): number {
  const kind = (one: Labels) => ATTRIBUTE_NAMES.filter((name) => one[name] !== ABSENT).join();
  for (let step = 1; step < labels.length; step++) {
    const other = (prompt + step) % labels.length;
    if (kind(labels[other]!) === kind(labels[prompt]!)) return other;
  }
  return (prompt + 1) % labels.length;
}
