// Peak signal-to-noise ratio over R, G and B: 10 log10(255^2 / mean squared error), in dB; Infinity for equal pictures. Says how far two
// pictures are apart pixel by pixel, nothing of how it looks.
import type { Pixels } from "../../image/pixels.js";
import { checkSameSize } from "./same-size.js";

/** @throws FewstepError `pictures-differ-in-size` */
export function psnr(picture: Pixels, reference: Pixels): number {
  checkSameSize(picture, reference);
  let sum = 0;
  for (let i = 0; i < picture.data.length; i++) {
    if (i % 4 !== 3) sum += (picture.data[i]! - reference.data[i]!) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (sum / ((picture.data.length / 4) * 3)));
}
