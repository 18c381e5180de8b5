// Decompositions of small matrices against what they must satisfy, and the truncated one against the whole one.
import { describe, expect, it } from "vitest";
import { jacobiSvd } from "./jacobi-svd.js";
import { type Columns, dot, qr } from "./qr.js";
import { type MatrixProducts, truncatedSvd } from "./truncated-svd.js";

const draw = (seed: number) => (i: number) => Math.sin(seed * 78.233 + i * 12.9898 + (i % 7) * i) * 0.7;
const columnsOf = (rows: number, columns: number, value: (i: number) => number): Columns =>
  Array.from({ length: columns }, (_, j) => Float64Array.from({ length: rows }, (__, i) => value(j * rows + i)));

const times = (a: Columns, b: Columns): Columns =>
  b.map((weights) => {
    const sum = new Float64Array(a[0]!.length);
    a.forEach((column, k) => {
      for (let i = 0; i < sum.length; i++) sum[i]! += weights[k]! * column[i]!;
    });
    return sum;
  });
const turned = (a: Columns): Columns =>
  Array.from({ length: a[0]!.length }, (_, i) => Float64Array.from(a, (column) => column[i]!));
const scaled = (a: Columns, by: readonly number[]): Columns => a.map((column, j) => column.map((x) => x * by[j]!));
const difference = (a: Columns, b: Columns): number =>
  Math.hypot(...a.flatMap((column, j) => [...column.map((x, i) => x - b[j]![i]!)]));
const size = (a: Columns): number => Math.hypot(...a.flatMap((column) => [...column]));

/** How far columns are from orthonormal; zero columns are left out. */
const skew = (a: Columns): number => {
  const real = a.filter((column) => dot(column, column) > 0.5);
  return Math.max(...real.flatMap((x, i) => real.map((y, j) => Math.abs(dot(x, y) - (i === j ? 1 : 0)))));
};

/** A matrix by its columns, multiplied in double precision and rounded. */
function productsOf(matrix: Columns): MatrixProducts {
  const [rows, columns] = [matrix[0]!.length, matrix.length];
  const flat = (values: Columns) => Float32Array.from(turned(values).flatMap((row) => [...row]));
  return {
    rows,
    columns,
    multiply: async (x, width) => {
      const given = columnsOf(rows, width, (k) => x[(k % rows) * width + Math.floor(k / rows)]!);
      const across = times(turned(matrix), given);
      return { across: flat(across), back: flat(times(matrix, across)) };
    },
  };
}

describe("qr", () => {
  it("is the matrix again, with orthonormal columns, though they are nearly dependent", () => {
    const base = columnsOf(40, 6, draw(1));
    const close = [...base, base[0]!.map((x, i) => x + 1e-9 * base[1]![i]!)];
    const { q, r } = qr(close);
    expect(skew(q)).toBeLessThan(1e-14);
    expect(difference(times(q, r), close)).toBeLessThan(1e-13);
  });

  it("has zeros for columns that depend on others", () => {
    const [a, b] = columnsOf(10, 2, draw(2)) as [Float64Array, Float64Array];
    const { q } = qr([a, a.map((x) => 3 * x), b, new Float64Array(10)]);
    expect(q.map((column) => Math.round(dot(column, column)))).toEqual([1, 0, 1, 0]);
  });
});

describe("jacobiSvd", () => {
  it("decomposes, values descending, small ones to their own precision", () => {
    const [u, v] = [qr(columnsOf(12, 5, draw(3))).q, qr(columnsOf(5, 5, draw(4))).q];
    const values = [1e3, 1, 1e-3, 1e-7, 0];
    const { values: found, ...svd } = jacobiSvd(times(scaled(u, values), turned(v)));
    expect(found.slice(0, 3).map((value, i) => Math.abs(value / values[i]! - 1) < 1e-9)).toEqual([true, true, true]);
    expect(skew(svd.v)).toBeLessThan(1e-14);
    expect(difference(times(scaled(svd.u, found), turned(svd.v)), times(scaled(u, values), turned(v)))).toBeLessThan(
      1e-11,
    );
  });
});

describe("truncatedSvd", () => {
  it("finds a matrix of low rank again to single precision", async () => {
    const matrix = times(columnsOf(60, 5, draw(5)), turned(columnsOf(90, 5, draw(6))));
    const { u, values, v } = await truncatedSvd(productsOf(matrix), 5);
    expect(difference(times(scaled(u, values), turned(v)), matrix) / size(matrix)).toBeLessThan(1e-6);
    expect(skew(u)).toBeLessThan(1e-6);
  });

  it("leaves hardly more than the best of its rank, though the spectrum is flat", async () => {
    const matrix = columnsOf(60, 90, draw(7));
    const all = jacobiSvd(turned(matrix)).values;
    const best = Math.hypot(...all.slice(10));
    const { u, values, v } = await truncatedSvd(productsOf(matrix), 10);
    expect(difference(times(scaled(u, values), turned(v)), matrix) / best).toBeLessThan(1.01);
  });

  it("is the whole decomposition where the rank is the number of rows", async () => {
    const matrix = columnsOf(4, 7, draw(8));
    const { u, values, v } = await truncatedSvd(productsOf(matrix), 32);
    expect(values).toHaveLength(4);
    expect(difference(times(scaled(u, values), turned(v)), matrix) / size(matrix)).toBeLessThan(1e-6);
  });

  it("of zeros is zeros", async () => {
    const { values } = await truncatedSvd(productsOf(columnsOf(30, 40, () => 0)), 3);
    expect(values).toEqual([0, 0, 0]);
  });
});
