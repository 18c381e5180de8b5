// Pictures that are no pictures: numbers that are none, one flat colour, or the very picture that another seed gave. Facts, not grades.
import type { Pixels, Planes } from "../../image/pixels.js";
import { thumbnail, thumbnailDistance } from "./diversity.js";
import { deviation, luma } from "./plane.js";

export type Failure = "non-finite" | "flat" | "duplicate";

/** Standard deviation of luma, in levels, below which nothing can be seen: dark scenes keep above 5. */
const FLAT = 1.5;
/** Mean CIELAB distance of thumbnails below which two seeds gave one picture. */
const SAME = 0.5;

/** Failures of a picture by itself. `planes`: the autoencoder's floats, where a NaN can still be seen. */
export function failuresOf(picture: Pixels, planes?: Planes): readonly Failure[] {
  if (planes !== undefined && !planes.data.every(Number.isFinite)) return ["non-finite"];
  return deviation(luma(picture).data) < FLAT ? ["flat"] : [];
}

/** Positions of pictures that repeat an earlier one. Give pictures of different seeds. */
export function duplicates(pictures: readonly Pixels[]): readonly number[] {
  const small = pictures.map(thumbnail);
  return small.flatMap((one, i) =>
    small.slice(0, i).some((earlier) => thumbnailDistance(one, earlier) < SAME) ? [i] : [],
  );
}
