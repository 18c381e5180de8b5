// The difference of two pictures, pixel by pixel: pure arithmetic over RGBA bytes.

/** |a - b| of each channel times `gain`, opaque; black where they agree. Sizes must be equal. */
export function difference(a: Uint8ClampedArray, b: Uint8ClampedArray, gain: number): Uint8ClampedArray<ArrayBuffer> {
  const result = new Uint8ClampedArray(a.length);
  for (let i = 0; i < a.length; i++) result[i] = i % 4 === 3 ? 255 : Math.abs(a[i]! - b[i]!) * gain;
  return result;
}

/** Mean and largest difference of a channel, in levels. */
export function differenceSize(
  a: Uint8ClampedArray,
  b: Uint8ClampedArray,
): { readonly mean: number; readonly most: number } {
  let [sum, most] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (i % 4 === 3) continue;
    const apart = Math.abs(a[i]! - b[i]!);
    sum += apart;
    if (apart > most) most = apart;
  }
  return { mean: sum / ((a.length / 4) * 3), most };
}
