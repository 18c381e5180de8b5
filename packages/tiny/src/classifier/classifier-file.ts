// A classifier's weights as a file of their own, in F16. Node only.
import { FewstepError, layoutSafetensors, openSafetensors, type Weights, writeSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { f16Tensor, readVector, unpackFlat } from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import { CLASSES, type ClassifierShape, classifierLayout } from "./network.js";

const NAME_KEY = "fewstep.classifier";

export async function writeClassifier(
  path: string,
  name: string,
  shape: ClassifierShape,
  vector: Float32Array,
): Promise<void> {
  const values = unpackFlat(classifierLayout(shape), vector);
  const tensors = classifierLayout(shape).entries.map((entry) =>
    f16Tensor(entry.name, entry.shape, values.get(entry.name)!),
  );
  await writeWhole(path, writeSafetensors(layoutSafetensors(tensors, { [NAME_KEY]: name })));
}

/** Throws `not-this-classifier`, `weight-missing`, `weight-shape` and the codes of openSafetensors. */
export async function readClassifier(path: string, name: string, shape: ClassifierShape): Promise<Float32Array> {
  return readVector(classifierLayout(shape), await weightsNamed(path, name));
}

export interface OpenedClassifier {
  readonly shape: ClassifierShape;
  /** Of classifierLayout(shape). */
  readonly vector: Float32Array;
}

/** A classifier of whatever widths and size its file has. Throws what readClassifier does, and `classifier-shape`. */
export async function openClassifier(path: string, name: string, signal?: AbortSignal): Promise<OpenedClassifier> {
  const weights = await weightsNamed(path, name, signal);
  const shape = shapeIn(weights);
  return { shape, vector: await readVector(classifierLayout(shape), weights, signal) };
}

async function weightsNamed(path: string, name: string, signal?: AbortSignal): Promise<Weights> {
  const { weights, metadata } = await openSafetensors(await openFile(path), signal);
  if (metadata.get(NAME_KEY) === name) return weights;
  throw new FewstepError({
    code: "not-this-classifier",
    message: `the file is not the ${name}`,
    found: metadata.get(NAME_KEY) ?? "a file that names no classifier",
    hint: `train it: npm run train:classifier -- ${name} FILE`,
  });
}

/** Widths from the convolutions, the picture's side from the layer over all places of the last map. */
function shapeIn(weights: Weights): ClassifierShape {
  const shapeOf = (id: string): readonly number[] => weights.get(id)?.shape ?? [];
  const widths: number[] = [];
  for (let i = 0; shapeOf(`convs.${i}.weight`).length === 4; i++) widths.push(shapeOf(`convs.${i}.weight`)[0]!);
  const [channels = 0, flattened = 0] = shapeOf("places.weight");
  const side = Math.sqrt(flattened / channels);
  const size = side * 2 ** widths.length;
  const [classes] = shapeOf("head.weight");
  if (widths.at(-1) === channels && Number.isInteger(side) && classes === CLASSES) return { widths, size };
  throw new FewstepError({
    code: "classifier-shape",
    message: "the file is no classifier of the illustrator's attributes",
    found: `widths ${widths.join(", ") || "none"}, ${classes ?? "no"} classes`,
    expected: `convolutions over squares, ${CLASSES} classes`,
    hint: "train it anew: the illustrator's vocabulary may have changed since",
  });
}
