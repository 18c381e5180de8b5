// The closed-form networks, starts, pictures and noises of the sampling goldens, recomputed from their formulas.
// i is the flat index, T = t / 1000, p the file's phase.

const byIndex = (length: number, value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i));

export type NetworkKind = "epsilon" | "v_prediction" | "sample";

const outputs: Readonly<Record<NetworkKind, (x: number, T: number, i: number, p: number) => number>> = {
  epsilon: (x, T, i, p) => 0.8 * Math.sin(1.3 * x + 2 * T + 0.5 * i + p) + 0.3 * x,
  v_prediction: (x, T, i, p) => 0.7 * Math.cos(0.9 * x - 1.5 * T + 0.4 * i + p) - 0.2 * x,
  sample: (x, T, i, p) => 0.6 * Math.sin(0.7 * x + T + 0.3 * i + p) + 0.1 * x,
};

export function networkOutput(kind: NetworkKind, x: Float64Array, timestep: number, phase: number): Float64Array {
  return byIndex(x.length, (i) => outputs[kind](x[i]!, timestep / 1000, i, phase));
}

/** The k-diffusion denoiser, as the epsilon it contains: x is already divided by sqrt(1 + sigma^2). */
export function sigmaNetworkOutput(x: Float64Array, sigma: number, phase: number): Float64Array {
  return byIndex(x.length, (i) => 0.8 * Math.sin(1.3 * x[i]! + 0.5 * Math.log(sigma) + 0.5 * i + phase) + 0.3 * x[i]!);
}

/** Start noise z. */
export function startNoise(length: number, phase: number): Float64Array {
  return byIndex(length, (i) => 1.2 * Math.sin(1.7 * i + 0.4 + phase) + 0.5 * Math.cos(3.1 * i + 1));
}

export function pictureLatents(length: number, phase: number): Float64Array {
  return byIndex(length, (i) => 0.9 * Math.cos(0.8 * i + 0.2 + phase) - 0.3 * Math.sin(2.9 * i));
}

/** Noise draw k of a run. */
export function noiseDraw(length: number, k: number, phase: number): Float64Array {
  return byIndex(length, (i) => Math.SQRT2 * Math.sin(2.3 * i + 1.9 * k + 0.7 + phase));
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
