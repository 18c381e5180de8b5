// Shapes: lists of non-negative integers, outermost axis first. Empty means a scalar.

/** Product of the axes; 1 for a scalar. The caller knows that it fits (see checkedElementCount for hostile shapes). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** Product of the axes, or undefined when a partial product passes 2^53 - 1 and would no longer be exact. */
export function checkedElementCount(shape: readonly number[]): number | undefined {
  let product = 1;
  for (const axis of shape) {
    product *= axis;
    if (!Number.isSafeInteger(product)) return undefined;
  }
  return product;
}

/** `[320,4,3,3]`, as files and messages write it. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}
