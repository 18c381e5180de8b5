// Whole pictures as a network takes them.
import type { Tensor } from "@fewstep/core";
import type { Bucket } from "./buckets.js";
import type { Picture } from "./picture-source.js";

/** [N, 3, height, width] in [-1, 1]. */
export function pictureFeed(pictures: readonly Picture[], { width, height }: Bucket): Tensor {
  const area = width * height;
  const data = new Float32Array(pictures.length * 3 * area);
  pictures.forEach(({ pixels }, n) => {
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) data[(n * 3 + c) * area + i] = pixels[i * 3 + c]! / 127.5 - 1;
    }
  });
  return { dtype: "f32", shape: [pictures.length, 3, height, width], data };
}
