// Colour cast: how far the mean colour lies from the reference's, in CIELAB's a*b* plane (Gasparini and Schettini 2004 measure casts there).
// Without a reference: from neutral grey, the grey-world assumption (Buchsbaum 1980), which a red rose breaks rightly: compare, do not judge.
import { checkPixels, type Pixels } from "../../image/pixels.js";
import { lab } from "./lab.js";

/** Mean [a*, b*]. */
export function meanColour(picture: Pixels): readonly [number, number] {
  checkPixels(picture);
  const { data } = picture;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const [, a, b] = lab(data[i]!, data[i + 1]!, data[i + 2]!);
    sumA += a;
    sumB += b;
  }
  return [sumA / (data.length / 4), sumB / (data.length / 4)];
}

/** Distance in a*b*; about 2 is just seen, 10 is plain. */
export function colourCast(picture: Pixels, reference?: Pixels): number {
  const [a, b] = meanColour(picture);
  const [fromA, fromB] = reference === undefined ? [0, 0] : meanColour(reference);
  return Math.hypot(a - fromA, b - fromB);
}
