// What made pictures are held against: drawings of the same prompts, each drawn otherwise, as the judge sees them. Two sets of them say how
// far a perfect model would seem to be.
import type { StepRunner } from "@fewstep/train";
import { see } from "../classifier/classifier.js";
import type { ClassifierShape } from "../classifier/network.js";
import type { EvaluationPrompt } from "../illustrator/prompts.js";
import { mixSeed, randomFrom } from "../illustrator/random.js";
import { randomJitter } from "../illustrator/random-scene.js";
import { renderScene } from "../illustrator/render.js";
import { JUDGE_TEST_STREAM } from "../judge/judge.js";
import { kernelDistance, meansWithin, scaled, unitScale } from "./kernel-distance.js";
import type { Drawn } from "./score-pictures.js";

export interface DrawnSet {
  readonly drawn: Drawn;
  /** Distance between this set and another one. */
  readonly floor: number;
}

export async function drawnSet(
  runner: StepRunner,
  classifier: { readonly shape: ClassifierShape; readonly vector: Float32Array; readonly resident: string },
  prompts: readonly EvaluationPrompt[],
  count: number,
  firstSeed: number,
): Promise<DrawnSet> {
  const pictures = Array.from({ length: 2 * count }, (_, i) => {
    const jitter = randomJitter(randomFrom(mixSeed(JUDGE_TEST_STREAM, firstSeed + i)));
    return renderScene({ ...prompts[(i % count) % prompts.length]!.scene, jitter }, classifier.shape.size);
  });
  const seen: Float32Array[] = [];
  for await (const { features } of see(runner, classifier, pictures)) seen.push(features);
  const scale = unitScale(seen.slice(0, count));
  const both = seen.map((features) => scaled(features, scale));
  const features = both.slice(0, count);
  return {
    drawn: { features, scale, within: meansWithin(features) },
    floor: kernelDistance(features, both.slice(count)),
  };
}
