// Pixels: 8-bit RGBA rows, and the two ways between them and the float images of an autoencoder. No file format.

import { FewstepError } from "../errors.js";

/** 8-bit RGBA, not premultiplied, row by row from the top left: `data.length === width * height * 4`. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8Array<ArrayBuffer> };

/** One float image: planes of `height * width` values, channel by channel (CHW). */
export type Planes = {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float32Array;
};

/** Where the floats of an image lie: `signed` is [-1, 1], as the autoencoder gives them; `unit` is [0, 1]. */
export type FloatRange = "signed" | "unit";

const SPAN: { readonly [range in FloatRange]: { readonly scale: number; readonly offset: number } } = {
  signed: { scale: 0.5, offset: 0.5 },
  unit: { scale: 1, offset: 0 },
};

export function emptyPixels(width: number, height: number): Pixels {
  return { width, height, data: new Uint8Array(width * height * 4) };
}

/**
 * Three planes of floats to opaque pixels, rounded as diffusers' VaeImageProcessor does: clamp(x / 2 + 0.5, 0, 1) and times 255
 * in float32, then to the nearest even at a half. NaN becomes 0. Errors: `pixels-shape`.
 */
export function planesToPixels(planes: Planes, range: FloatRange = "signed"): Pixels {
  checkPlanes(planes);
  const { width, height, data } = planes;
  const { scale, offset } = SPAN[range];
  const count = width * height;
  const pixels = emptyPixels(width, height);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const unit = Math.fround(Math.fround(data[channel * count + i]! * scale) + offset);
      pixels.data[i * 4 + channel] = roundHalfEven(Math.fround(clampUnit(unit) * 255));
    }
    pixels.data[i * 4 + 3] = 255;
  }
  return pixels;
}

/** Pixels to three planes of floats; alpha is left out: lay the picture on a background first if it has any. */
export function pixelsToPlanes(pixels: Pixels, range: FloatRange = "signed"): Planes {
  checkPixels(pixels);
  const { width, height, data } = pixels;
  const { scale, offset } = SPAN[range];
  const count = width * height;
  const planes = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * count + i] = (Math.fround(data[i * 4 + channel]! / 255) - offset) / scale;
    }
  }
  return { width, height, channels: 3, data: planes };
}

/** Lays the pixels on an opaque colour (R, G, B in 0..255). */
export function flatten(pixels: Pixels, background: readonly [number, number, number]): Pixels {
  checkPixels(pixels);
  const flat = emptyPixels(pixels.width, pixels.height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const alpha = pixels.data[i + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      flat.data[i + channel] = Math.round(pixels.data[i + channel]! * alpha + (background[channel] ?? 0) * (1 - alpha));
    }
    flat.data[i + 3] = 255;
  }
  return flat;
}

/** Errors: `pixels-shape` where the bytes do not fit the size. */
export function checkPixels(pixels: Pixels): void {
  const { width, height, data } = pixels;
  if (!isSide(width) || !isSide(height) || data.length !== width * height * 4) {
    throw new FewstepError({
      code: "pixels-shape",
      message: "the pixel bytes do not fit the size",
      found: `${width} x ${height}, ${data.length} bytes`,
      expected: "positive whole sides and width * height * 4 bytes (RGBA)",
    });
  }
}

function checkPlanes({ width, height, channels, data }: Planes): void {
  if (!isSide(width) || !isSide(height) || channels !== 3 || data.length !== width * height * 3) {
    throw new FewstepError({
      code: "pixels-shape",
      message: "the float planes do not fit the size",
      found: `${channels} x ${height} x ${width}, ${data.length} values`,
      expected: "three planes of height * width values",
    });
  }
}

function isSide(side: number): boolean {
  return Number.isSafeInteger(side) && side > 0;
}

function clampUnit(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}

/** Round half to even, for values from 0 to 2^31. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
