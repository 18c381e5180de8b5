// Noise left in a picture: Immerkaer, "Fast noise variance estimation", CVIU 64(2), 1996. The difference of two Laplacians is blind to
// edges; what it answers to, averaged, is sigma of white noise in levels of 0 to 255. Fine texture counts as noise too.
import type { Pixels } from "../../image/pixels.js";
import { luma } from "./plane.js";

/** Estimated sigma of luma; 0 where a side has less than 3 pixels. */
export function noiseResidue(picture: Pixels): number {
  const { width, height, data } = luma(picture);
  if (width < 3 || height < 3) return 0;
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const edges = data[at - 1]! + data[at + 1]! + data[at - width]! + data[at + width]!;
      const corners = data[at - width - 1]! + data[at - width + 1]! + data[at + width - 1]! + data[at + width + 1]!;
      sum += Math.abs(corners - 2 * edges + 4 * data[at]!);
    }
  }
  return (Math.sqrt(Math.PI / 2) * sum) / (6 * (width - 2) * (height - 2));
}
