// A trained UNet as a file of its own in the names of Stable Diffusion 1.x, F16: Lightning's one-step model, which no adapter can be.
import { ldmUnetNames, type TensorToWrite, type UnetConfig } from "@fewstep/core";
import { type FlatLayout, unpackFlat } from "../flat/layout.js";
import { f16Tensor } from "./tensors.js";

/** What the file must say beside its weights, which do not tell it: the output is the picture. */
export const ONE_STEP_METADATA = {
  "modelspec.architecture": "stable-diffusion-v1",
  "modelspec.prediction_type": "sample",
  "fewstep.accelerator": "lightning-1",
  "fewstep.method": "lightning",
  "fewstep.steps": "1",
} as const;

export function unetFileTensors(
  config: UnetConfig,
  { layout, vector }: { readonly layout: FlatLayout; readonly vector: Float32Array },
): readonly TensorToWrite[] {
  const nameOf = ldmUnetNames(config);
  const values = unpackFlat(layout, vector);
  return layout.entries.map(({ name, shape }) =>
    f16Tensor(`model.diffusion_model.${nameOf(name)}`, shape, values.get(name)!),
  );
}
