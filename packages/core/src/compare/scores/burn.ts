// What too much guidance or too strong an adapter does: colours saturate, contrast rises, pixels hit the ends of the scale.
// Own definitions, in units of the full scale: saturation is the mean of (max - min) of R, G, B (chroma in HSV's hexcone, Smith 1978);
// contrast the standard deviation of luma (RMS contrast, Peli 1990); clipped the share of pixels with a channel within 1 of 0 or 255
// while another is not (plain black and white are no burn).
import { checkPixels, type Pixels } from "../../image/pixels.js";
import { deviation, luma } from "./plane.js";

export interface Burn {
  /** 0 (grey) to 1. */
  readonly saturation: number;
  /** 0 (flat) to 0.5. */
  readonly contrast: number;
  /** 0 to 1. */
  readonly clipped: number;
}

const END = 1;

export function burn(picture: Pixels): Burn {
  checkPixels(picture);
  const { data } = picture;
  const count = data.length / 4;
  let [saturation, clipped] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const high = Math.max(data[i]!, data[i + 1]!, data[i + 2]!);
    const low = Math.min(data[i]!, data[i + 1]!, data[i + 2]!);
    saturation += (high - low) / 255;
    if (high - low > 2 * END && (low <= END || high >= 255 - END)) clipped += 1;
  }
  return { saturation: saturation / count, contrast: deviation(luma(picture).data) / 255, clipped: clipped / count };
}
