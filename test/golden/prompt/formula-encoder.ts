// The encoder that weighting.json and compel.json describe: out[p][d] = sin(0.013 id_p (d + 1) + 0.11 p)
// + 0.25 * mean over unmasked q of sin(0.013 id_q (d + 1)) + 0.05. Small, and every place depends on every other.

export function encodeByFormula(ids: readonly number[], dim: number, masked: readonly number[] = []): Float64Array {
  const seen = ids.filter((_, place) => !masked.includes(place));
  const out = new Float64Array(ids.length * dim);
  for (let d = 0; d < dim; d++) {
    const mean = seen.reduce((sum, id) => sum + Math.sin(0.013 * id * (d + 1)), 0) / seen.length;
    for (const [p, id] of ids.entries())
      out[p * dim + d] = Math.sin(0.013 * id * (d + 1) + 0.11 * p) + 0.25 * mean + 0.05;
  }
  return out;
}
