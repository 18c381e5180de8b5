// A trained model as one Stable Diffusion 1.x file: F16, the names of CompVis's layout, read back by the same code as any checkpoint.
import { ldmUnetNames, markerTensor, type TensorToWrite, type UnetConfig, type VaeConfig } from "@fewstep/core";
import { expandTable, type TokenRows } from "../data/token-rows.js";
import { type FlatLayout, unpackFlat } from "../flat/layout.js";
import { TOKEN_TABLE } from "../models/network.js";
import { TEXT, UNET } from "../recipes/base.js";
import { f16Tensor } from "./tensors.js";
import { vaeFileTensors } from "./vae-file.js";

export interface SingleFileParts {
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  /** Of "unet." and "text." weights: the base recipe's. */
  readonly base: { readonly layout: FlatLayout; readonly vector: Float32Array };
  readonly autoencoder: { readonly layout: FlatLayout; readonly vector: Float32Array };
  readonly rows: TokenRows;
  /** Rows of the full token table: CLIP's 49408. */
  readonly vocabulary: number;
  /** Trained to noise alone at the last timestep: the file says so as ComfyUI reads it, by an empty tensor. */
  readonly zeroTerminalSnr: boolean;
}

/** All tensors of the file: for `layoutSafetensors`. */
export function singleFileTensors(parts: SingleFileParts): readonly TensorToWrite[] {
  const { base, autoencoder, rows, vocabulary, zeroTerminalSnr } = parts;
  const unetName = ldmUnetNames(parts.unet);
  const values = unpackFlat(base.layout, base.vector);
  const denoiser = base.layout.entries.map(({ name, shape }) => {
    const weight = values.get(name)!;
    if (name.startsWith(UNET))
      return f16Tensor(`model.diffusion_model.${unetName(name.slice(UNET.length))}`, shape, weight);
    const inner = name.slice(TEXT.length);
    const whole = inner === TOKEN_TABLE ? expandTable(weight, rows, vocabulary) : weight;
    const wholeShape = inner === TOKEN_TABLE ? [vocabulary, shape[1]!] : shape;
    return f16Tensor(`cond_stage_model.transformer.${inner}`, wholeShape, whole);
  });
  const vae = vaeFileTensors(parts.vae, autoencoder, "first_stage_model.");
  return [...denoiser, ...vae, ...(zeroTerminalSnr ? [markerTensor("ztsnr")] : [])];
}
