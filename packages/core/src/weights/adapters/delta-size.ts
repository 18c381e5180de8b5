// Shape questions of whole deltas: whether one fits a parameter, its tensors, and a band of its rows.
import { tensorRows } from "../tensor-rows.js";
import type { LazyTensor } from "../weights.js";
import type { Delta, Ia3Delta, KroneckerFactor, LoraDelta, Product, ProductDelta } from "./adapter.js";
import { type ProductSize, productSize } from "./product.js";

/** Rows and the shape of a row; what is undefined may be anything. */
export type DeltaSize = Partial<ProductSize>;

const product = (axes: readonly number[]): number => axes.reduce((a, b) => a * b, 1);

function factorSize(factor: KroneckerFactor): ProductSize {
  if (!("whole" in factor)) return productSize(factor);
  const [out, ...inner] = factor.whole.shape as [number, ...number[]];
  return { out, inner };
}

/** Rows, and the shape of a row, of what the delta adds. */
export function deltaSize(delta: Delta): DeltaSize {
  switch (delta.kind) {
    case "lora":
      return {
        out: delta.up.shape[0]!,
        inner: delta.mid ? [delta.down.shape[1]!, ...delta.mid.shape.slice(2)] : delta.down.shape.slice(1),
      };
    case "loha":
      return productSize(delta.first);
    case "lokr": {
      const [one, two] = [factorSize(delta.first), factorSize(delta.second)];
      const [width, ...kernel] = two.inner as [number, ...number[]];
      return { out: one.out * two.out, inner: [product(one.inner) * width, ...kernel] };
    }
    case "dora":
    case "glora":
      return deltaSize(delta.of);
    case "rotation":
      return { out: delta.count * delta.size };
    case "ia3":
      return delta.onInput ? { inner: [product(delta.scale.shape)] } : { out: product(delta.scale.shape) };
    case "diff":
      return { out: delta.difference.shape[0] ?? 1, inner: delta.difference.shape.slice(1) };
    case "set":
      return { out: delta.value.shape[0] ?? 1, inner: delta.value.shape.slice(1) };
    default:
      return delta satisfies never;
  }
}

/** As messages say it: `[320,768]`, `[320,any]`. */
export function showSize({ out, inner }: DeltaSize): string {
  return `[${[out ?? "any", ...(inner ?? ["any"])].join(",")}]`;
}

function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  return shape.slice(0, shape.findLastIndex((axis) => axis !== 1) + 1);
}

/** Whether the delta can be added to a parameter [out, ...]: a 1x1 convolution and a linear layer are the same, and rows may lie flat. */
export function deltaFits(delta: Delta, shape: readonly number[]): boolean {
  if (delta.kind === "rotation") return shape.length > 1 && shape[0] === delta.count * delta.size;
  if (delta.kind === "ia3") return shape.length > 1 && shape[delta.onInput ? 1 : 0] === product(delta.scale.shape);
  if (delta.kind === "glora") return delta.enter.shape[0] === shape[1] && deltaFits(delta.of, shape);
  const { out, inner = [] } = deltaSize(delta);
  const row = shape.slice(1);
  if (out !== shape[0] || product(inner) !== product(row)) return false;
  if (delta.kind === "dora" && product(delta.magnitude.shape) !== shape[delta.axis === "out" ? 0 : 1]) return false;
  return inner.length <= 1 || `${withoutTrailingOnes(inner)}` === `${withoutTrailingOnes(row)}`;
}

const productTensors = ({ a, b, core }: Product): readonly LazyTensor[] => (core === undefined ? [a, b] : [a, b, core]);
const factorTensors = (factor: KroneckerFactor): readonly LazyTensor[] =>
  "whole" in factor ? [factor.whole] : productTensors(factor);

/** Every tensor that the delta is computed from. */
export function deltaTensors(delta: Delta): readonly LazyTensor[] {
  switch (delta.kind) {
    case "lora":
      return delta.mid === undefined ? [delta.down, delta.up] : [delta.down, delta.mid, delta.up];
    case "loha":
      return [...productTensors(delta.first), ...productTensors(delta.second)];
    case "lokr":
      return [...factorTensors(delta.first), ...factorTensors(delta.second)];
    case "dora":
      return [...deltaTensors(delta.of), delta.magnitude];
    case "glora":
      return [delta.enter, delta.leave, ...deltaTensors(delta.of)];
    case "rotation":
      return delta.rescale === undefined ? [delta.blocks] : [delta.blocks, delta.rescale];
    case "ia3":
      return [delta.scale];
    case "diff":
      return [delta.difference];
    case "set":
      return [delta.value];
    default:
      return delta satisfies never;
  }
}

const loraRows = (delta: LoraDelta, from: number, to: number): LoraDelta => ({
  ...delta,
  up: tensorRows(delta.up, from, to),
});

const ia3Rows = (delta: Ia3Delta, from: number, to: number): Ia3Delta =>
  delta.onInput ? delta : { ...delta, scale: tensorRows(flat(delta.scale), from, to) };

function productRows(delta: ProductDelta, from: number, to: number): ProductDelta | undefined {
  if (delta.kind === "lora") return loraRows(delta, from, to);
  if (delta.kind === "lokr" || delta.first.core !== undefined || delta.second.core !== undefined) return undefined;
  const band = (side: Product): Product => ({ ...side, a: tensorRows(side.a, from, to) });
  return { ...delta, first: band(delta.first), second: band(delta.second) };
}

/**
 * The delta of rows `from` to `to` alone, for a layer that this network keeps as several (q, k, v of a fused in_proj); undefined where its
 * factors do not come apart by rows (LoKr, cores, magnitudes of columns, whose norm spans all rows, rotations, which mix rows).
 */
export function deltaRows(delta: Delta, from: number, to: number): Delta | undefined {
  switch (delta.kind) {
    case "diff":
      return { ...delta, difference: tensorRows(delta.difference, from, to) };
    case "set":
      return { ...delta, value: tensorRows(delta.value, from, to) };
    case "dora": {
      const of = delta.axis === "out" ? productRows(delta.of, from, to) : undefined;
      return of && { ...delta, of, magnitude: tensorRows(flat(delta.magnitude), from, to) };
    }
    case "glora":
      return { ...delta, of: loraRows(delta.of, from, to) };
    case "rotation":
      return undefined;
    case "ia3":
      return ia3Rows(delta, from, to);
    default:
      return productRows(delta, from, to);
  }
}

function flat(tensor: LazyTensor): LazyTensor {
  return { ...tensor, shape: [product(tensor.shape)] };
}
