// A trained autoencoder in the names of Stable Diffusion's own files: alone, or (with a prefix) as a part of a single file.
import { ldmVaeName, type TensorToWrite, type VaeConfig } from "@fewstep/core";
import { type FlatLayout, unpackFlat } from "../flat/layout.js";
import { f16Tensor } from "./tensors.js";

/** @param prefix "first_stage_model." in a single file; default none, as VAE files have it */
export function vaeFileTensors(
  config: VaeConfig,
  { layout, vector }: { readonly layout: FlatLayout; readonly vector: Float32Array },
  prefix = "",
): readonly TensorToWrite[] {
  const values = unpackFlat(layout, vector);
  return layout.entries.map(({ name, shape }) => {
    const ldm = ldmVaeName(name, config.channels.length);
    // attention there is made of 1x1 convolutions
    const projected = /\.attn_1\.(q|k|v|proj_out)\.weight$/.test(ldm) ? [...shape, 1, 1] : shape;
    return f16Tensor(`${prefix}${ldm}`, projected, values.get(name)!);
  });
}
