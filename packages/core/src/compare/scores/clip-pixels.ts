// A picture as CLIP sees it: the shorter side resized by bicubic filter, the middle square, each channel less its mean over its deviation, as
// OpenAI's code and transformers' CLIPImageProcessor do.
import type { Pixels } from "../../image/pixels.js";
import { crop, resize } from "../../image/resize.js";

const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const DEVIATION = [0.26862954, 0.26130258, 0.27577711] as const;

/** [3, size, size] */
export function clipPixels(picture: Pixels, size: number): Float32Array {
  const scale = size / Math.min(picture.width, picture.height);
  // the longer side is cut off, not rounded, as transformers does
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(size, Math.trunc(side * scale + 1e-9)),
  );
  const { data } = crop(
    resize(picture, width!, height!, "bicubic"),
    Math.floor((width! - size) / 2),
    Math.floor((height! - size) / 2),
    size,
    size,
  );
  const planes = new Float32Array(3 * size * size);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < size * size; i++)
      planes[c * size * size + i] = (data[i * 4 + c]! / 255 - MEAN[c]!) / DEVIATION[c]!;
  }
  return planes;
}
