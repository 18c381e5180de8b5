// Sinusoidal features of timesteps, sizes and guidance, in double precision (Vaswani et al. 2017).

/** [cos, sin] of value * 10000^(-j / half): timesteps and SDXL's sizes (flip_sin_to_cos, no shift). Shape [width]. */
export function timeFeatures(value: number, width: number): Float32Array {
  const half = width / 2;
  const features = new Float32Array(width);
  for (let j = 0; j < half; j++) {
    const angle = value * 10000 ** (-j / half);
    features[j] = Math.cos(angle);
    features[half + j] = Math.sin(angle);
  }
  return features;
}
