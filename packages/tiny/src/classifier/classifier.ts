// A trained classifier at work: pictures -> features and the class of each attribute.
import { evaluate, type FlatLayout, type StepRunner } from "@fewstep/train";
import { ATTRIBUTE_NAMES, type Attribute } from "../illustrator/labels.js";
import { CLASSES, type ClassifierShape, classifierGraph, classifierLayout, LOGITS } from "./network.js";
import { planesOf } from "./recipe.js";

export interface Seen {
  readonly features: Float32Array;
  /** Most probable class of every attribute, whether the picture shows it or not. */
  readonly classes: Readonly<Record<Attribute, number>>;
}

export interface TrainedClassifier {
  readonly shape: ClassifierShape;
  /** The weights, flat. */
  readonly vector: Float32Array;
  /** Where they are put in the runner. */
  readonly resident: string;
}

const BATCH = 16;

export async function* see(
  runner: StepRunner,
  classifier: TrainedClassifier,
  pictures: readonly Uint8Array[],
): AsyncGenerator<Seen, void, undefined> {
  const read = await classifierReader(runner, classifier, BATCH);
  for (let start = 0; start < pictures.length; start += BATCH) {
    // the last batch is filled up with pictures that are then left out
    const batch = Array.from({ length: BATCH }, (_, i) => pictures[Math.min(pictures.length - 1, start + i)]!);
    yield* (await read(batch)).slice(0, pictures.length - start);
  }
}

/** Reads whole batches of RGB pictures, over one session. */
export async function classifierReader(
  runner: StepRunner,
  { shape, vector, resident }: TrainedClassifier,
  batch: number,
): Promise<(pictures: readonly Uint8Array[]) => Promise<readonly Seen[]>> {
  const layout: FlatLayout = classifierLayout(shape);
  const program = evaluate(resident, classifierGraph(shape, batch), [{ resident, layout, prefix: "" }]);
  await runner.set(resident, vector);
  return async (pictures) => {
    const answers = await runner.run(program, { pictures: planesOf(pictures, shape.size) });
    const [features, logits] = [answers.features!.data as Float32Array, answers.logits!.data as Float32Array];
    const width = features.length / batch;
    return pictures.map((_, i) => ({
      features: features.slice(i * width, (i + 1) * width),
      classes: classesOf(logits, i * CLASSES),
    }));
  };
}

function classesOf(logits: Float32Array, offset: number): Readonly<Record<Attribute, number>> {
  const best = LOGITS.map(({ start, end }) => {
    const part = logits.subarray(offset + start, offset + end);
    return part.indexOf(Math.max(...part));
  });
  return Object.fromEntries(ATTRIBUTE_NAMES.map((name, i) => [name, best[i]!])) as Record<Attribute, number>;
}
