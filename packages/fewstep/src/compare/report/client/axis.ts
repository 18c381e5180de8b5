// Ticks of an axis: numbers that people would write there. Pure.

/** Multiples of 1, 2 or 5 times a power of ten inside the range, about `count` of them. */
export function linearTicks(low: number, high: number, count = 5): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 1, 2 and 5 times powers of ten inside the range; where those are less than two, its ends. */
export function logarithmicTicks(low: number, high: number): readonly number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => 10 ** (Math.floor(Math.log10(low)) + i),
  );
  const ticks = powers
    .flatMap((power) => [1, 2, 5].map((factor) => Number((factor * power).toPrecision(12))))
    .filter((tick) => tick >= low && tick <= high);
  return ticks.length < 2 ? [low, high] : ticks;
}
