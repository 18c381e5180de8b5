// Orthonormal columns of a tall matrix in double precision: Gram-Schmidt, each column twice (Giraud et al. 2005: twice is enough).
// A column that depends on those before it becomes zero, so a matrix of lower rank has zeros in the place of its missing directions.

/** A matrix by its columns. */
export type Columns = readonly Float64Array[];

/** What is left of a column, relative to what it was, below which it is rounding and no direction of its own. */
const DEPENDENT = 1e-14;

/** A = Q R with R upper triangular, by columns too. */
export function qr(matrix: Columns): { readonly q: Columns; readonly r: Columns } {
  const q: Float64Array[] = [];
  const r: Float64Array[] = [];
  for (const column of matrix) {
    const rest = column.slice();
    const coefficients = new Float64Array(matrix.length);
    const before = norm(rest);
    for (let pass = 0; pass < 2; pass++) {
      q.forEach((direction, i) => {
        const along = dot(direction, rest);
        coefficients[i]! += along;
        subtract(rest, direction, along);
      });
    }
    const length = norm(rest);
    const isNew = length > DEPENDENT * before;
    coefficients[q.length] = isNew ? length : 0;
    for (let i = 0; i < rest.length; i++) rest[i] = isNew ? rest[i]! / length : 0;
    q.push(rest);
    r.push(coefficients);
  }
  return { q, r };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function subtract(from: Float64Array, direction: Float64Array, times: number): void {
  if (times === 0) return;
  for (let i = 0; i < from.length; i++) from[i]! -= times * direction[i]!;
}
