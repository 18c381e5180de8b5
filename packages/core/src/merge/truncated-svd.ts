// The largest singular values of a matrix that is known by its products only (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1):
// a few power iterations find the subspace, the decomposition of the small matrix in it is exact. The products are computed by whoever
// holds the matrix, in single precision; all that must stay orthogonal is done here in double precision.
import { jacobiSvd, type Svd } from "./jacobi-svd.js";
import { type Columns, qr } from "./qr.js";

export interface MatrixProducts {
  readonly rows: number;
  /** At least as many as rows. */
  readonly columns: number;
  /** For x [rows, width]: A^T x [columns, width], and A A^T x [rows, width]. */
  multiply(x: Float32Array, width: number): Promise<{ readonly across: Float32Array; readonly back: Float32Array }>;
}

/** Directions beyond those asked for: what makes the last of those exact. */
const OVERSAMPLING = 16;
/** Each one multiplies a direction's lead by the square of the ratio of singular values. */
const POWER_ITERATIONS = 3;

/** Columns of what a matrix of so many rows is multiplied by. */
export const sketchWidth = (rows: number, rank: number): number => Math.min(rows, rank + OVERSAMPLING);

/** The `rank` largest singular values (or all there are) with their vectors. */
export async function truncatedSvd(matrix: MatrixProducts, rank: number): Promise<Svd> {
  const { rows, columns } = matrix;
  const width = sketchWidth(rows, rank);
  const isWhole = width === rows;
  let basis: Columns = isWhole ? identity(rows) : randomColumns(rows, width);
  for (let i = 0; i < POWER_ITERATIONS && !isWhole; i++) {
    const { back } = await matrix.multiply(rowMajor(basis, rows), width);
    basis = qr(columnsOf(back, rows, width)).q;
  }
  const { across } = await matrix.multiply(rowMajor(basis, rows), width);
  // A ~ Q (A^T Q)^T, A^T Q = Y R, R = U S V^T: the left vectors are Q V, the right ones Y U
  const { q, r } = qr(columnsOf(across, columns, width));
  const core = jacobiSvd(r);
  const kept = Math.min(rank, width);
  return {
    u: combine(basis, core.v.slice(0, kept)),
    values: core.values.slice(0, kept),
    v: combine(q, core.u.slice(0, kept)),
  };
}

function identity(size: number): Columns {
  return Array.from({ length: size }, (_, i) => Float64Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));
}

/** Any directions serve that are no worse than random ones; these are the same in every run (xorshift32, sums of uniforms). */
function randomColumns(rows: number, width: number): Columns {
  let state = 0x9e3779b9;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32 - 0.5;
  };
  return Array.from({ length: width }, () =>
    Float64Array.from({ length: rows }, () => uniform() + uniform() + uniform() + uniform()),
  );
}

function rowMajor(matrix: Columns, rows: number): Float32Array {
  const values = new Float32Array(rows * matrix.length);
  matrix.forEach((column, j) => {
    for (let i = 0; i < rows; i++) values[i * matrix.length + j] = column[i]!;
  });
  return values;
}

function columnsOf(values: Float32Array, rows: number, width: number): Columns {
  return Array.from({ length: width }, (_, j) =>
    Float64Array.from({ length: rows }, (__, i) => values[i * width + j]!),
  );
}

/** matrix times coefficients. */
function combine(matrix: Columns, coefficients: Columns): Columns {
  const rows = matrix[0]!.length;
  return coefficients.map((weights) => {
    const sum = new Float64Array(rows);
    matrix.forEach((column, k) => {
      const weight = weights[k]!;
      if (weight !== 0) for (let i = 0; i < rows; i++) sum[i]! += weight * column[i]!;
    });
    return sum;
  });
}
