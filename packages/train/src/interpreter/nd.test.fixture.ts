// Double arrays with a shape, and broadcasting over them. For the tests' interpreter: clear, not fast.

export interface Nd {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const count = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

export const nd = (shape: readonly number[], data: ArrayLike<number>): Nd => {
  if (data.length !== count(shape)) throw new RangeError(`${data.length} elements for [${shape}]`);
  return { shape, data: Float64Array.from(data) };
};

/** A new array whose element at each index is `value(index)`. */
export function build(shape: readonly number[], value: (index: readonly number[], flat: number) => number): Nd {
  const data = new Float64Array(count(shape));
  const index = shape.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = value(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** The element at an index, 0 outside. */
export function at({ shape, data }: Nd, ...index: readonly number[]): number {
  let flat = 0;
  for (const [axis, n] of shape.entries()) {
    const i = index[axis]!;
    if (i < 0 || i >= n) return 0;
    flat = flat * n + i;
  }
  return data[flat]!;
}

/** The element at an index of a larger shape that `x` broadcasts to. */
export function broadcastAt({ shape, data }: Nd, index: readonly number[]): number {
  const extra = index.length - shape.length;
  let flat = 0;
  for (const [axis, n] of shape.entries()) flat = flat * n + (n === 1 ? 0 : index[axis + extra]!);
  return data[flat]!;
}
