// Pictures of one method -> rows, by the judge.
import { type Pixels, scoreDefinitions } from "@fewstep/core";
import type { StepRunner } from "@fewstep/train";
import { see } from "../classifier/classifier.js";
import { ABSENT, ATTRIBUTE_NAMES, type Attribute, type Labels, labelsOf } from "../illustrator/labels.js";
import type { EvaluationPrompt } from "../illustrator/prompts.js";
import { JUDGE } from "../judge/judge.js";
import { type KernelParts, meansTo, meansWithin, scaled } from "./kernel-distance.js";
import type { MadePicture } from "./make-pictures.js";
import { rightOf } from "./reading-accuracy.js";
import type { ScoreRow } from "./rows.js";
import type { ScoredMethod } from "./scored-methods.js";

export interface JudgedPrompt extends EvaluationPrompt {
  readonly split: ScoreRow["split"];
}

export interface Drawn {
  /** Of as many drawn pictures as are judged, one of each prompt in turn, at a mean square of 1 by `scale`. */
  readonly features: readonly Float32Array[];
  readonly scale: number;
  /** Of each, its mean kernel with the others. */
  readonly within: readonly number[];
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
  drawn: Drawn,
): Promise<readonly ScoreRow[]> {
  const labels = prompts.map(({ scene }) => labelsOf(scene));
  const rows: Omit<ScoreRow, keyof KernelParts | "spread">[] = [];
  const features: Float32Array[] = [];
  const classifier = { shape: JUDGE, vector: judge, resident: JUDGE.name };
  for await (const seen of see(
    runner,
    classifier,
    pictures.map(({ pixels }) => rgbOf(pixels)),
  )) {
    const { prompt, seed, pixels, seconds } = pictures[rows.length]!;
    const other = rightOf(seen.classes, labels[otherPrompt(labels, prompt)]!);
    rows.push({
      method,
      steps,
      calls,
      prompt,
      split: prompts[prompt]!.split,
      seed,
      attributes: signsOf(seen.classes, labels[prompt]!),
      shuffledNamed: other.shown,
      shuffledRight: other.right,
      sharpness: sharpness(pixels, pixels),
      seconds,
    });
    features.push(scaled(seen.features, drawn.scale));
  }
  const [withinMade, toDrawn] = [meansWithin(features), meansTo(features, drawn.features)];
  const drawnToMade = meansTo(drawn.features, features);
  return rows.map((row, i) => {
    const pair = drawnPairOf(i, rows, prompts.length);
    return {
      ...row,
      withinMade: withinMade[i]!,
      toDrawn: toDrawn[i]!,
      withinDrawn: drawn.within[pair]!,
      drawnToMade: drawnToMade[pair]!,
      spread: spreadOf(i, features, rows),
    };
  });
}

/** The drawn picture that belongs to picture `i`: of the same prompt, another one for each of the prompt's pictures. */
function drawnPairOf(i: number, rows: readonly { readonly prompt: number }[], prompts: number): number {
  const { prompt } = rows[i]!;
  const earlier = rows.slice(0, i).filter((row) => row.prompt === prompt).length;
  return earlier * prompts + prompt;
}

/** ScoreRow's `attributes`. */
const signsOf = (classes: Readonly<Record<Attribute, number>>, labels: Labels): string =>
  ATTRIBUTE_NAMES.map((name) => (labels[name] === ABSENT ? "-" : Number(classes[name] === labels[name]))).join("");

/** Mean distance of picture `i` from the other seeds' pictures of its prompt; 0 where there is none. */
function spreadOf(i: number, features: readonly Float32Array[], rows: readonly { readonly prompt: number }[]): number {
  const others = features.filter((_, j) => j !== i && rows[j]!.prompt === rows[i]!.prompt);
  const distances = others.map((other) => Math.sqrt(other.reduce((sum, x, k) => sum + (x - features[i]![k]!) ** 2, 0)));
  return distances.reduce((sum, x) => sum + x, 0) / Math.max(1, distances.length);
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
