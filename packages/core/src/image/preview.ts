// A small picture of latents while sampling: one matrix product a latent, one pixel each. A hint of the picture, not a decoding of it.

import { FewstepError } from "../errors.js";
import type { LatentFormat } from "./latent-format.js";
import { type Pixels, planesToPixels } from "./pixels.js";

/**
 * Pixels of one picture's latents, one pixel a latent. `latents`: channel by channel (CHW), at the sampler's scale, best the denoised
 * estimate. Errors: `preview-shape`.
 */
export function previewLatents(latents: Float32Array, width: number, height: number, format: LatentFormat): Pixels {
  const count = width * height;
  const { matrix, bias } = format.preview;
  if (!Number.isSafeInteger(count) || count <= 0 || latents.length !== count * format.channels) {
    throw new FewstepError({
      code: "preview-shape",
      message: "the latents do not fit the size",
      found: `${latents.length} values for ${width} x ${height}`,
      expected: `${format.channels} channels of height * width values`,
    });
  }
  const data = new Float32Array(count * 3);
  for (let colour = 0; colour < 3; colour++) {
    for (let i = 0; i < count; i++) {
      let value = bias[colour]!;
      for (let channel = 0; channel < format.channels; channel++) {
        value += latents[channel * count + i]! * matrix[channel]![colour]!;
      }
      data[colour * count + i] = value;
    }
  }
  return planesToPixels({ width, height, channels: 3, data }, "signed");
}
