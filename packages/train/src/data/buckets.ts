// Aspect buckets: pictures of one batch have one size, and every picture is trained near its own shape instead of being cut to a square.
// Sides are multiples of 64 (32 for small resolutions), areas at most resolution^2, as kohya's scripts choose them.

export interface Bucket {
  readonly width: number;
  readonly height: number;
}

/** All buckets of a resolution, widest last. Sides from half to twice the resolution, a multiple of `step`. */
export function bucketsOf(resolution: number, step = resolution < 256 ? 32 : 64): readonly Bucket[] {
  const area = resolution * resolution;
  const found = new Map<string, Bucket>();
  for (let side = Math.max(step, Math.ceil(resolution / 2 / step) * step); side <= 2 * resolution; side += step) {
    const other = Math.floor(Math.min(area / side, 2 * resolution) / step) * step;
    if (other < step) continue;
    for (const bucket of [
      { width: side, height: other },
      { width: other, height: side },
    ]) {
      found.set(`${bucket.width}x${bucket.height}`, bucket);
    }
  }
  return [...found.values()].sort((a, b) => a.width / a.height - b.width / b.height || a.width - b.width);
}

/** The bucket whose shape is nearest (by the logarithm of width / height), the larger of two alike. */
export function nearestBucket(buckets: readonly Bucket[], width: number, height: number): Bucket {
  const distance = (bucket: Bucket) => Math.abs(Math.log((bucket.width * height) / (bucket.height * width)));
  return buckets.reduce((best, bucket) => {
    const difference = distance(bucket) - distance(best);
    const larger = bucket.width * bucket.height > best.width * best.height;
    return difference < -1e-9 || (difference < 1e-9 && larger) ? bucket : best;
  });
}

/** The part of a picture that fills the bucket's shape, centred: what is kept before resizing. */
export function centredCrop(bucket: Bucket, width: number, height: number) {
  const scale = Math.min(width / bucket.width, height / bucket.height);
  const [w, h] = [Math.round(bucket.width * scale), Math.round(bucket.height * scale)];
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
