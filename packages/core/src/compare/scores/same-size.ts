// Scores that lay two pictures over each other need one size.
import { FewstepError } from "../../errors.js";
import { checkPixels, type Pixels } from "../../image/pixels.js";

/** @throws FewstepError `pictures-differ-in-size`, `picture-too-small`, `pixels-shape` */
export function checkSameSize(picture: Pixels, reference: Pixels, least = 1): void {
  checkPixels(picture);
  checkPixels(reference);
  if (picture.width !== reference.width || picture.height !== reference.height) {
    throw new FewstepError({
      code: "pictures-differ-in-size",
      message: "two pictures cannot be laid over each other",
      found: `${picture.width} x ${picture.height} and ${reference.width} x ${reference.height}`,
      expected: "the same size",
    });
  }
  if (Math.min(picture.width, picture.height) < least) {
    throw new FewstepError({
      code: "picture-too-small",
      message: "the picture is too small for this score",
      found: `${picture.width} x ${picture.height}`,
      expected: `at least ${least} pixels a side`,
    });
  }
}
