// How well a classifier reads drawn pictures that it never saw, and how badly it reads them against other pictures' labels: the first is the
// ceiling of every score, the second its floor.
import type { StepRunner } from "@fewstep/train";
import { see } from "../classifier/classifier.js";
import type { ClassifierShape } from "../classifier/network.js";
import { ABSENT, ATTRIBUTE_NAMES, type Attribute, type Labels, labelsOf } from "../illustrator/labels.js";
import { mixSeed } from "../illustrator/random.js";
import { anyScene } from "../illustrator/random-scene.js";
import { renderScene } from "../illustrator/render.js";
import { JUDGE_TEST_STREAM } from "../judge/judge.js";

export interface ReadingAccuracy {
  /** Part of the shown attributes that are read right. */
  readonly overall: number;
  readonly byAttribute: Readonly<Partial<Record<Attribute, number>>>;
  /** The same against the labels of the next picture. */
  readonly shuffled: number;
}

/** Shown attributes read right, and how many are shown; of one attribute, or of all. */
export function rightOf(
  classes: Readonly<Record<Attribute, number>>,
  labels: Labels,
  attributes: readonly Attribute[] = ATTRIBUTE_NAMES,
): { readonly right: number; readonly shown: number } {
  const shown = attributes.filter((attribute) => labels[attribute] !== ABSENT);
  return { right: shown.filter((attribute) => classes[attribute] === labels[attribute]).length, shown: shown.length };
}

export async function readingAccuracy(
  runner: StepRunner,
  classifier: { readonly shape: ClassifierShape; readonly vector: Float32Array; readonly resident: string },
  count: number,
): Promise<ReadingAccuracy> {
  const scenes = Array.from({ length: count }, (_, i) => anyScene(mixSeed(JUDGE_TEST_STREAM, i)));
  const labels = scenes.map(labelsOf);
  const pictures = scenes.map((scene) => renderScene(scene, classifier.shape.size));
  const classes: Readonly<Record<Attribute, number>>[] = [];
  for await (const seen of see(runner, classifier, pictures)) classes.push(seen.classes);
  const part = (labelOf: (i: number) => Labels, attributes?: readonly Attribute[]) => {
    const counts = classes.map((one, i) => rightOf(one, labelOf(i), attributes));
    const sum = (read: (one: (typeof counts)[number]) => number) => counts.reduce((total, one) => total + read(one), 0);
    return (
      sum(({ right }) => right) /
      Math.max(
        1,
        sum(({ shown }) => shown),
      )
    );
  };
  return {
    overall: part((i) => labels[i]!),
    byAttribute: Object.fromEntries(ATTRIBUTE_NAMES.map((name) => [name, part((i) => labels[i]!, [name])])),
    shuffled: part((i) => labels[(i + 1) % count]!),
  };
}
