// Timesteps of a batch, one from each of N parts of equal probability: the same law for every picture, less spread in the loss.
// The density is proportional to t^power, so t = T u^(1 / (1 + power)): a power above 0 draws noisy timesteps more often, where a picture
// hangs on its caption alone (a bias to later timesteps, as trainers of SDXL offer it).
import type { RandomStream } from "../optim/random-stream.js";

/** @returns `batch` whole numbers from 0 to count - 1, ascending */
export function spreadTimesteps(
  count: number,
  batch: number,
  power: number,
  random: Pick<RandomStream, "uniform">,
): readonly number[] {
  return Array.from({ length: batch }, (_, i) => {
    const even = (i + random.uniform()) / batch;
    // the largest number below 1 may round to 1
    return Math.min(count - 1, Math.floor(count * even ** (1 / (1 + power))));
  });
}
