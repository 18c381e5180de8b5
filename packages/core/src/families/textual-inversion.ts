// A textual inversion file (Gal et al. 2022) for a checkpoint: which of its tensors is for which text encoder, and their vectors. Forms:
// `emb_params` (SD1.5, SD2), diffusers' one tensor under the token's name, SDXL's pair `clip_l` and `clip_g`.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import type { FileSource } from "../files/source.js";
import { formatShape } from "../tensor/shape.js";
import { readTensor } from "../weights/read-tensor.js";
import { entriesOf } from "../weights/views.js";
import type { LazyTensor } from "../weights/weights.js";
import type { Checkpoint } from "./checkpoint.js";
import { recogniseFile, requireKind } from "./recognise-file.js";

/** For each text encoder of the checkpoint its vectors. */
export type InversionVectors = readonly (readonly Float32Array[])[];

/** Names of SDXL's two. */
const ENCODER_NAMES: readonly RegExp[] = [
  /^(?:clip_l|text_encoders_0|text_encoder)$/,
  /^(?:clip_g|text_encoders_1|text_encoder_2)$/,
];
/** Published ones have 1 to 75 (a prompt's window); refuses a table that would be read into memory for nothing. */
const MAX_VECTORS = 750;

/**
 * Opens a file for a checkpoint. Throws `model-is-KIND`, `file-is-KIND`, `embedding-family`, `embedding-too-many-vectors`,
 * `weight-not-finite`, and what reading throws.
 */
export async function openTextualInversion(
  source: FileSource,
  { name, text }: Pick<Checkpoint, "name" | "text">,
  signal?: AbortSignal,
): Promise<InversionVectors> {
  const found = await recogniseFile(source, signal);
  requireKind(source, found, ["embedding"]);
  const tensors = [...entriesOf(found.file!.weights)];
  const widths = text.map(({ config }) => config.width);
  const named = tensors.filter(([key]) => ENCODER_NAMES.some((pattern) => pattern.test(key)));
  const ordered =
    text.length === 1 && named.length < 2
      ? tensors.slice(0, 1)
      : ENCODER_NAMES.flatMap((pattern) => named.filter(([key]) => pattern.test(key)));
  const fits =
    tensors.length === text.length &&
    ordered.length === text.length &&
    ordered.every(([, { shape }], i) => shape.at(-1) === widths[i]);
  if (!fits) {
    throw new FewstepError({
      code: "embedding-family",
      message: `${source.name} is no textual inversion for ${name}`,
      found: tensors.map(([key, { shape }]) => `${showName(key)} ${formatShape(shape)}`).join(", "),
      expected:
        text.length === 1 ? `one tensor ${widths[0]} wide` : `clip_l ${widths[0]} wide and clip_g ${widths[1]} wide`,
      hint: "use one that was trained for the model's family",
    });
  }
  const vectors: (readonly Float32Array[])[] = [];
  for (const [, tensor] of ordered) vectors.push(await vectorsOf(source, tensor, signal));
  return vectors;
}

async function vectorsOf(
  source: FileSource,
  tensor: LazyTensor,
  signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
  const width = tensor.shape.at(-1)!;
  const count = tensor.shape.length === 1 ? 1 : tensor.shape[0]!;
  if (count < 1 || count > MAX_VECTORS) {
    throw new FewstepError({
      code: "embedding-too-many-vectors",
      message: `${source.name} has a number of vectors that no textual inversion has`,
      found: `${showName(tensor.name)} ${formatShape(tensor.shape)}`,
      expected: `1 to ${MAX_VECTORS} vectors`,
    });
  }
  const values = await readTensor(tensor, signal);
  if (!values.every(Number.isFinite)) {
    throw new FewstepError({
      code: "weight-not-finite",
      message: "a weight is no number",
      found: `NaN or infinity in ${showName(tensor.name)} of ${source.name}`,
      expected: "finite numbers",
      hint: "the file is damaged: get it again from its author",
    });
  }
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
}
