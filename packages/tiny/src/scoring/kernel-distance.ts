// Kernel inception distance (Binkowski et al. 2018) on the judge's features: unbiased squared maximum mean discrepancy with the cubic kernel
// k(x, y) = (x.y / d + 1)^3. Unbiased, so that two sets of the same law come out about 0, below it as often as above.

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const kernel = (a: Float32Array, b: Float32Array): number => (dot(a, b) / a.length + 1) ** 3;

/** Sum of the kernel over all pairs of different members, over their number. */
function within(set: readonly Float32Array[]): number {
  let sum = 0;
  for (let i = 0; i < set.length; i++) for (let j = 0; j < i; j++) sum += kernel(set[i]!, set[j]!);
  return (2 * sum) / (set.length * (set.length - 1));
}

function between(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  for (const x of a) for (const y of b) sum += kernel(x, y);
  return sum / (a.length * b.length);
}

/** At least two members each. */
export function kernelDistance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return within(a) + within(b) - 2 * between(a, b);
}
