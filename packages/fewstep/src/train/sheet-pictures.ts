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

/** RGB bytes as a picture. */
export function rgbPicture(rgb: Uint8Array, width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) data.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
  return { width, height, data };
}
