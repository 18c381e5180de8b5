// Evenly spaced numbers and rounding as NumPy does them: the grids of all libraries are made with these two.

/** `count` numbers from `start` to `end`, both included (or without `end`). One number is `start`. */
export function linspace(start: number, end: number, count: number, includeEnd = true): readonly number[] {
  const intervals = includeEnd ? count - 1 : count;
  const step = intervals > 0 ? (end - start) / intervals : 0;
  return Array.from({ length: count }, (_, i) => (includeEnd && i > 0 && i === count - 1 ? end : start + i * step));
}

/** Rounds halves to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
