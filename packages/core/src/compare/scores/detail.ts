// High-frequency detail: root mean square of luma at and above 0.25 cycles a pixel (half of Nyquist's limit), in levels of 0 to 255, by
// Welch's method (1967) in two dimensions: Hann windows of 64 x 64, half overlapping, means removed. Of white noise it is
// sigma * sqrt(1 - pi / 16). An absolute amount and no share, which would rise where blur takes the middle frequencies first.
import type { Pixels } from "../../image/pixels.js";
import { energySpectrum } from "./fft.js";
import { luma } from "./plane.js";

const LARGEST_WINDOW = 64;
const SMALLEST_WINDOW = 8;
const HIGH = 0.25;

/** In levels; 0 for a picture of less than 8 pixels a side. */
export function detail(picture: Pixels): number {
  const { width, height, data } = luma(picture);
  const side = Math.min(LARGEST_WINDOW, 2 ** Math.floor(Math.log2(Math.min(width, height))));
  if (side < SMALLEST_WINDOW) return 0;
  const hann = Float64Array.from({ length: side }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / side));
  const frequency = Float64Array.from({ length: side }, (_, i) => Math.min(i, side - i) / side);
  const windowPower = hann.reduce((sum, value) => sum + value * value, 0) ** 2;
  let [high, blocks] = [0, 0];
  for (const top of starts(height, side)) {
    for (const left of starts(width, side)) {
      const block = new Float64Array(side * side);
      for (let i = 0; i < block.length; i++) block[i] = data[(top + Math.floor(i / side)) * width + left + (i % side)]!;
      const centre = block.reduce((sum, value) => sum + value, 0) / block.length;
      const energy = energySpectrum(
        block.map((value, i) => (value - centre) * hann[Math.floor(i / side)]! * hann[i % side]!),
        side,
      );
      blocks += 1;
      for (let i = 1; i < energy.length; i++) {
        if (Math.hypot(frequency[Math.floor(i / side)]!, frequency[i % side]!) >= HIGH) high += energy[i]!;
      }
    }
  }
  // Parseval: energies add up to side^2 times the windowed squares
  return Math.sqrt(high / (side * side * windowPower * blocks));
}

/** Window starts half a window apart, the last one at the end. */
function starts(length: number, side: number): readonly number[] {
  const last = length - side;
  const count = Math.ceil(last / (side / 2)) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(last, (i * side) / 2));
}
