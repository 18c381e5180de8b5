// A trained classifier at work: pictures -> features and the class of each attribute.
import { evaluate, type FlatLayout, type StepRunner } from "@fewstep/train";
import { ATTRIBUTE_NAMES, type Attribute } from "../illustrator/labels.js";
import { CLASSES, type ClassifierShape, classifierGraph, LOGITS } from "./network.js";
import { classifierLayout, planesOf } from "./recipe.js";

export interface Seen {
  readonly features: Float32Array;
  /** Most probable class of every attribute, whether the picture shows it or not. */
  readonly classes: Readonly<Record<Attribute, number>>;
}

const BATCH = 16;

/** @param vector the weights, flat; `resident` is where they are put in the runner */
export async function* see(
  runner: StepRunner,
  {
    shape,
    vector,
    resident,
  }: { readonly shape: ClassifierShape; readonly vector: Float32Array; readonly resident: string },
  pictures: readonly Uint8Array[],
): AsyncGenerator<Seen, void, undefined> {
  const layout: FlatLayout = classifierLayout(shape);
  const program = evaluate(resident, classifierGraph(shape, BATCH), [{ resident, layout, prefix: "" }]);
  await runner.set(resident, vector);
  for (let start = 0; start < pictures.length; start += BATCH) {
    // the last batch is filled up with pictures that are then left out
    const batch = Array.from({ length: BATCH }, (_, i) => pictures[Math.min(pictures.length - 1, start + i)]!);
    const answers = await runner.run(program, { pictures: planesOf(batch, shape.size) });
    const [features, logits] = [answers.features!.data as Float32Array, answers.logits!.data as Float32Array];
    const width = features.length / BATCH;
    for (let i = 0; i < Math.min(BATCH, pictures.length - start); i++)
      yield { features: features.slice(i * width, (i + 1) * width), classes: classesOf(logits, i * CLASSES) };
  }
}

function classesOf(logits: Float32Array, offset: number): Readonly<Record<Attribute, number>> {
  const best = LOGITS.map(({ start, end }) => {
    const part = logits.subarray(offset + start, offset + end);
    return part.indexOf(Math.max(...part));
  });
  return Object.fromEntries(ATTRIBUTE_NAMES.map((name, i) => [name, best[i]!])) as Record<Attribute, number>;
}
