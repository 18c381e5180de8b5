// Kernel inception distance (Binkowski et al. 2018) on the judge's features: unbiased squared maximum mean discrepancy with the cubic kernel
// k(x, y) = (x.y / d + 1)^3. Unbiased, so that two sets of the same law come out about 0, below it as often as above.
// It is a mean over pairs of a made picture x_i and a drawn one y_i of the same prompt. With w_i the mean kernel of x_i with the other x, b_i that
// of x_i with the y, v_i that of y_i with the other y, and c_i that of y_i with the x,
//   distance = mean(w) - 2 mean(b) + mean(v),   influence of pair i = 2 (w_i - b_i) - 2 (c_i - v_i), less its mean
// so a row for each pair says the distance and how it varies over resampled prompts (to first order, Serfling 1980, section 5.3). A prompt brings
// both of its pictures: what makes it likely or rare in both sets alike cancels.

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const kernel = (a: Float32Array, b: Float32Array): number => (dot(a, b) / a.length + 1) ** 3;

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** What brings features to a mean square of 1, so that distances have a scale: kernels are about 8 between a picture and itself. */
export function unitScale(set: readonly Float32Array[]): number {
  return 1 / Math.sqrt(mean(set.map((x) => dot(x, x) / x.length)));
}

export const scaled = (features: Float32Array, scale: number): Float32Array => features.map((x) => x * scale);

/** Of each member the mean kernel with all others; at least two members. */
export function meansWithin(set: readonly Float32Array[]): readonly number[] {
  const sums = new Float64Array(set.length);
  for (let i = 0; i < set.length; i++)
    for (let j = 0; j < i; j++) {
      const value = kernel(set[i]!, set[j]!);
      sums[i]! += value;
      sums[j]! += value;
    }
  return Array.from(sums, (sum) => sum / (set.length - 1));
}

/** Of each member of `set` the mean kernel with those of `others`. */
export function meansTo(set: readonly Float32Array[], others: readonly Float32Array[]): readonly number[] {
  return set.map((x) => mean(others.map((y) => kernel(x, y))));
}

export interface KernelParts {
  readonly withinMade: number;
  readonly toDrawn: number;
  readonly withinDrawn: number;
  readonly drawnToMade: number;
}

export function distanceOf(parts: readonly KernelParts[]): number {
  return (
    mean(parts.map(({ withinMade }) => withinMade)) -
    2 * mean(parts.map(({ toDrawn }) => toDrawn)) +
    mean(parts.map(({ withinDrawn }) => withinDrawn))
  );
}

/** How much each pair moves the distance: sums to 0. */
export function influencesOf(parts: readonly KernelParts[]): readonly number[] {
  const pulls = parts.map(
    ({ withinMade, toDrawn, withinDrawn, drawnToMade }) => 2 * (withinMade - toDrawn) - 2 * (drawnToMade - withinDrawn),
  );
  const level = mean(pulls);
  return pulls.map((pull) => pull - level);
}

/** At least two members each. */
export function kernelDistance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return mean(meansWithin(a)) + mean(meansWithin(b)) - 2 * mean(meansTo(a, b));
}
