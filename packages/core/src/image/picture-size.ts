// The size of a picture and its limit, checked before anything of that size is allocated.

import { FewstepError } from "../errors.js";

export type PictureSize = { readonly width: number; readonly height: number };

/** 64 Mi pixels (8192 x 8192, 256 MiB of RGBA): far above what these models draw. Refused: headers that promise terabytes. */
export const MAX_PIXELS = 64 * 1024 * 1024;

/** Errors: `image-too-many-pixels`. */
export function checkPictureSize({ width, height }: PictureSize, maxPixels: number = MAX_PIXELS): void {
  if (width * height <= maxPixels) return;
  throw new FewstepError({
    code: "image-too-many-pixels",
    message: "the picture is too large",
    found: `${width} x ${height}`,
    expected: `at most ${maxPixels} pixels`,
    hint: "use a smaller picture, or fewer of them",
  });
}
