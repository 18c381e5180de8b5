// Discrete Fourier transform by Cooley and Tukey's radix 2 (1965), in place, on sides that are powers of two. For score windows only.

/** `re` and `im`: `stride`-spaced values from `start`, `length` of them (a power of two). */
export function fft(re: Float64Array, im: Float64Array, start: number, stride: number, length: number): void {
  const at = (i: number) => start + i * stride;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[at(i)], re[at(j)]] = [re[at(j)]!, re[at(i)]!];
      [im[at(i)], im[at(j)]] = [im[at(j)]!, im[at(i)]!];
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const [cos, sin] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
      for (let block = 0; block < length; block += size) {
        const [a, b] = [at(block + k), at(block + k + size / 2)];
        const [x, y] = [re[b]! * cos - im[b]! * sin, re[b]! * sin + im[b]! * cos];
        [re[b], im[b]] = [re[a]! - x, im[a]! - y];
        [re[a], im[a]] = [re[a]! + x, im[a]! + y];
      }
    }
  }
}

/** Energy |F|^2 of a square of `side` * `side` values (a power of two). */
export function energySpectrum(values: Float64Array, side: number): Float64Array {
  const re = values.slice();
  const im = new Float64Array(values.length);
  for (let i = 0; i < side; i++) fft(re, im, i * side, 1, side);
  for (let i = 0; i < side; i++) fft(re, im, i, side, side);
  return re.map((value, i) => value * value + im[i]! * im[i]!);
}
