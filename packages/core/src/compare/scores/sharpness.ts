// Sharpness as the variance of the Laplacian of luma: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000, with
// the 4-neighbour Laplacian. Beside a reference: the ratio of the two, 1 for equally sharp, below 1 for softer.
// Noise is sharp to it: read it beside the noise residue.
import type { Pixels } from "../../image/pixels.js";
import { deviation, luma } from "./plane.js";

/** Variance of the Laplacian, in squared levels of 0 to 255; 0 where a side has less than 3 pixels. */
export function sharpness(picture: Pixels): number {
  const { width, height, data } = luma(picture);
  if (width < 3 || height < 3) return 0;
  const laplacian = new Float64Array((width - 2) * (height - 2));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      laplacian[(y - 1) * (width - 2) + x - 1] =
        data[at - 1]! + data[at + 1]! + data[at - width]! + data[at + width]! - 4 * data[at]!;
    }
  }
  return deviation(laplacian) ** 2;
}
