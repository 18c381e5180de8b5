// Tensors and RGB bytes as pictures for a contact sheet.
import { type Pixels, planesToPixels, type Tensor } from "@fewstep/core";

/** [N, 3, h, w] in [-1, 1] as N pictures. */
export function tensorPictures({ shape, data }: Tensor): readonly Pixels[] {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const each = channels * height * width;
  const values = data as Float32Array;
  return Array.from({ length: count }, (_, i) =>
    planesToPixels({ width, height, channels, data: values.slice(i * each, (i + 1) * each) }),
  );
}

/** RGB bytes of a square as a picture. */
export function squarePicture(rgb: Uint8Array, size: number): Pixels {
  const data = new Uint8Array(size * size * 4).fill(255);
  for (let i = 0; i < size * size; i++) data.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
  return { width: size, height: size, data };
}
