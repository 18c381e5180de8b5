// The singular value decomposition of a small matrix in double precision, by one-sided Jacobi rotations (Hestenes 1958; Demmel and Veselic
// 1992: small singular values come out as accurately as large ones). Time grows with the cube of the width: for cores of a few hundred.
import { type Columns, dot, norm } from "./qr.js";

export interface Svd {
  /** Left singular vectors as columns; zero where the value is zero. */
  readonly u: Columns;
  /** Descending. */
  readonly values: readonly number[];
  /** Right singular vectors as columns. */
  readonly v: Columns;
}

const SWEEPS = 40;
/** Cosine between two columns below which they count as orthogonal. */
const ORTHOGONAL = 1e-15;

/** A = U S V^T of a matrix by columns. */
export function jacobiSvd(matrix: Columns): Svd {
  const a = matrix.map((column) => column.slice());
  const v = matrix.map((_, i) => Float64Array.from({ length: matrix.length }, (__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0, turned = true; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let i = 0; i < a.length; i++) {
      for (let j = i + 1; j < a.length; j++) turned = rotate(a, v, i, j) || turned;
    }
  }
  const order = a
    .map((column, i) => ({ i, value: norm(column) }))
    .sort((one, other) => other.value - one.value || one.i - other.i);
  return {
    u: order.map(({ i, value }) => a[i]!.map((x) => (value === 0 ? 0 : x / value))),
    values: order.map(({ value }) => value),
    v: order.map(({ i }) => v[i]!),
  };
}

/** Makes two columns orthogonal; false where they were. */
function rotate(a: Columns, v: Columns, i: number, j: number): boolean {
  const [left, right] = [a[i]!, a[j]!];
  const [alpha, beta, gamma] = [dot(left, left), dot(right, right), dot(left, right)];
  if (gamma === 0 || Math.abs(gamma) <= ORTHOGONAL * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  turn(left, right, cosine, cosine * tangent);
  turn(v[i]!, v[j]!, cosine, cosine * tangent);
  return true;
}

function turn(left: Float64Array, right: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < left.length; k++) {
    const [x, y] = [left[k]!, right[k]!];
    left[k] = cosine * x - sine * y;
    right[k] = sine * x + cosine * y;
  }
}
