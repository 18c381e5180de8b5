// The vector by which a guidance-distilled UNet (LCM's full models) is told its guidance scale.
// Sinusoids of 1000 w with w = scale - 1, sines before cosines: the reverse of the timestep embedding.

/** 256 values by default: sin, then cos, of 1000 (scale - 1) * 10000^(-j / (half - 1)). Doubles; arguments reach 7500. */
export function guidanceEmbedding(scale: number, size = 256): Float64Array {
  const half = Math.floor(size / 2);
  const embedding = new Float64Array(size);
  for (let j = 0; j < half; j++) {
    const argument = 1000 * (scale - 1) * Math.exp((-Math.log(10000) * j) / (half - 1));
    embedding[j] = Math.sin(argument);
    embedding[half + j] = Math.cos(argument);
  }
  return embedding;
}
