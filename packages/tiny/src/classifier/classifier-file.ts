// A classifier's weights as a file of their own. Node only.
import { FewstepError, layoutSafetensors, openSafetensors, writeSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { readVector, unpackFlat } from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import type { ClassifierShape } from "./network.js";
import { classifierLayout } from "./recipe.js";

const NAME_KEY = "fewstep.classifier";

export async function writeClassifier(
  path: string,
  name: string,
  shape: ClassifierShape,
  vector: Float32Array,
): Promise<void> {
  const values = unpackFlat(classifierLayout(shape), vector);
  const tensors = classifierLayout(shape).entries.map((entry) => ({
    name: entry.name,
    dtype: "f32" as const,
    shape: entry.shape,
    chunks: () => {
      const { buffer, byteOffset, byteLength } = values.get(entry.name)!;
      return [new Uint8Array(buffer, byteOffset, byteLength)];
    },
  }));
  await writeWhole(path, writeSafetensors(layoutSafetensors(tensors, { [NAME_KEY]: name })));
}

/** Throws `not-this-classifier`, `weight-missing`, `weight-shape` and the codes of openSafetensors. */
export async function readClassifier(path: string, name: string, shape: ClassifierShape): Promise<Float32Array> {
  const { weights, metadata } = await openSafetensors(await openFile(path));
  if (metadata.get(NAME_KEY) === name) return readVector(classifierLayout(shape), weights);
  throw new FewstepError({
    code: "not-this-classifier",
    message: `the file is not the ${name}`,
    found: metadata.get(NAME_KEY) ?? "a file that names no classifier",
    hint: `train it: npm run train:classifier -- ${name} FILE`,
  });
}
