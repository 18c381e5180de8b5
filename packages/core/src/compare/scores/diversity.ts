// Diversity over seeds: how differently one configuration answers the same prompt. Own definition: each picture is averaged to 16 x 16 places;
// two pictures' distance is the mean CIELAB difference (CIE 1976) of their places; diversity is the mean over all pairs.
// Layout and colour count, texture and noise hardly. 0 means the seeds do not matter: a collapsed model.
import type { Pixels } from "../../image/pixels.js";
import { resize } from "../../image/resize.js";
import { lab } from "./lab.js";

const PLACES = 16;

/** Undefined for less than two pictures. */
export function diversity(pictures: readonly Pixels[]): number | undefined {
  const small = pictures.map(thumbnail);
  const distances = small.flatMap((a, i) => small.slice(i + 1).map((b) => thumbnailDistance(a, b)));
  return distances.length === 0 ? undefined : distances.reduce((sum, one) => sum + one, 0) / distances.length;
}

/** L*, a*, b* of 16 x 16 places. */
export function thumbnail(picture: Pixels): Float32Array {
  const { data } = resize(picture, PLACES, PLACES, "area");
  const places = new Float32Array(PLACES * PLACES * 3);
  for (let i = 0; i < PLACES * PLACES; i++) places.set(lab(data[i * 4]!, data[i * 4 + 1]!, data[i * 4 + 2]!), i * 3);
  return places;
}

/** Mean CIELAB difference of the places. */
export function thumbnailDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!, a[i + 2]! - b[i + 2]!);
  return sum / (a.length / 3);
}
