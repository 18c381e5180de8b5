// A checkpoint of several files (a diffusers folder, sharded or not) as the tensors of one, in the names and shapes of single files, which
// every program reads: fused attention in OpenCLIP, a turned projection, 1x1 convolutions in the VAE. What a folder's configs say stands
// in metadata and in the marker tensors that ComfyUI and fewstep look for.
import type { Checkpoint } from "../families/checkpoint.js";
import type { FamilyId } from "../families/family.js";
import { ldmOpenClipName, ldmUnetNames, ldmVaeName } from "../families/ldm-names.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import { markerTensor, type TensorToWrite } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import type { Weights } from "../weights/weights.js";
import {
  type BakeDType,
  type BareFile,
  convertedChunks,
  type Foldings,
  foldedBandsOf,
  isTouched,
  narrowed,
  type Part,
  type Piece,
  typeOf,
} from "./bake-chunks.js";

/** Where a parameter lies in the single file. */
interface Place {
  readonly name: string;
  /** Of the three bands of rows of a fused layer. */
  readonly band?: number;
  /** Stored as [in, out]. */
  readonly turned?: boolean;
}

type Placer = (parameter: string) => Place;

const ARCHITECTURES: Readonly<Record<FamilyId, string>> = {
  sd15: "stable-diffusion-v1",
  sd21: "stable-diffusion-v2",
  sdxl: "stable-diffusion-xl-v1-base",
};
/** What metadata can say of the prediction. */
const SAID = new Set(["epsilon", "v"]);
const VAE_ATTENTION = /\.attn_1\.(?:q|k|v|proj_out)\.weight$/;

export function bakeParts(
  checkpoint: Checkpoint,
  networks: readonly (readonly [Part, Weights])[],
  foldings: Foldings,
  dtype: BakeDType,
): BareFile {
  const placed = new Map<string, { readonly pieces: Piece[]; readonly turned: boolean }>();
  for (const [part, weights] of networks) {
    const placeOf = placerOf(part, checkpoint);
    for (const [parameter, tensor] of entriesOf(weights)) {
      const { name, band = 0, turned = false } = placeOf(parameter);
      const entry = placed.get(name) ?? { pieces: [], turned };
      entry.pieces[band] = { part, parameter, tensor };
      placed.set(name, entry);
    }
  }
  const tensors = [...placed].map(([name, { pieces, turned }]) => tensorOf(name, pieces, turned, foldings, dtype));
  const changed = [...placed.values()].filter(({ pieces }) => pieces.some((piece) => isTouched(piece, foldings)));
  const { markers, metadata, unsaid } = factsOf(checkpoint);
  return { tensors: [...tensors, ...markers], metadata, changed: changed.length, dropped: [], unsaid };
}

function placerOf(part: Part, { family, unet, text, vae }: Checkpoint): Placer {
  if (part === "unet") {
    const nameOf = ldmUnetNames(unet.config);
    return (parameter) => ({ name: `model.diffusion_model.${nameOf(parameter)}` });
  }
  if (part === "vae") {
    const levels = vae!.config.channels.length;
    return (parameter) => ({ name: `first_stage_model.${ldmVaeName(parameter, levels)}` });
  }
  const index = part === "text0" ? 0 : 1;
  const isClip = family.id === "sd15" || (family.id === "sdxl" && index === 0);
  const prefix = family.id === "sdxl" ? `conditioner.embedders.${index}` : "cond_stage_model";
  if (isClip) return (parameter) => ({ name: `${prefix}.transformer.${parameter}` });
  const isUpright = text[index]!.config.projectionLayout === "out-in";
  return (parameter) => {
    const { name, ...band } = ldmOpenClipName(parameter);
    return { name: `${prefix}.model.${name}`, ...band, turned: isUpright && parameter === "text_projection.weight" };
  };
}

/** Bands of a fused layer are its rows, one after the other. */
function tensorOf(
  name: string,
  pieces: readonly Piece[],
  turned: boolean,
  foldings: Foldings,
  dtype: BakeDType,
): TensorToWrite {
  const [first] = pieces;
  const { shape } = first!.tensor;
  const [rows, ...inner] = shape;
  const types = new Set(pieces.map(({ tensor }) => tensor.dtype));
  const target = types.size === 1 ? typeOf(first!.tensor, pieces, dtype) : dtype === "keep" ? "f32" : dtype;
  const whole = rows === undefined ? shape : [rows * pieces.length, ...inner];
  const isConvolved = VAE_ATTENTION.test(name) && shape.length === 2;
  return {
    name,
    dtype: target,
    shape: turned ? shape.toReversed() : isConvolved ? [...whole, 1, 1] : whole,
    async *chunks(signal) {
      if (turned) {
        yield* narrowed(await turnedValues(first!, foldings, signal), target, name);
        return;
      }
      for (const piece of pieces) {
        if (isTouched(piece, foldings)) {
          for await (const values of foldedBandsOf(piece, foldings, signal)) yield* narrowed(values, target, name);
        } else if (piece.tensor.dtype === target) yield* tensorChunks(piece.tensor, signal);
        else yield* convertedChunks(piece.tensor, target, signal);
      }
    },
  };
}

/** A text projection is a few megabytes. */
async function turnedValues(piece: Piece, foldings: Foldings, signal?: AbortSignal): Promise<Float32Array> {
  const [rows, columns] = piece.tensor.shape as [number, number];
  const upright = new Float32Array(rows * columns);
  if (isTouched(piece, foldings)) {
    let at = 0;
    for await (const values of foldedBandsOf(piece, foldings, signal)) {
      upright.set(values, at);
      at += values.length;
    }
  } else upright.set(await readTensor(piece.tensor, signal));
  return upright.map((_, i) => upright[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** What the configs say, as a single file says it. */
function factsOf({ family, prediction, zeroTerminalSnr, scalingFactor }: Checkpoint): {
  readonly markers: readonly TensorToWrite[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly unsaid: readonly string[];
} {
  const isSaid = SAID.has(prediction.type);
  const metadata = new Map([["modelspec.architecture", ARCHITECTURES[family.id]]]);
  if (isSaid) metadata.set("modelspec.prediction_type", prediction.type);
  const markers = [
    ...(prediction.type === "v" && family.prediction !== "v" ? ["v_pred"] : []),
    ...(zeroTerminalSnr ? ["ztsnr"] : []),
  ];
  return {
    metadata,
    markers: markers.map(markerTensor),
    unsaid: [
      ...(isSaid ? [] : [`a single file cannot say that the model predicts a ${prediction.type}`]),
      ...(scalingFactor === family.scalingFactor
        ? []
        : [
            `a single file cannot say the VAE's scaling factor ${scalingFactor}: programs take ${family.scalingFactor}`,
          ]),
    ],
  };
}
