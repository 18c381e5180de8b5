// The error function to double precision: its Taylor series for small x, the continued fraction of erfc (Lentz) for large.

export function erf(x: number): number {
  const a = Math.abs(x);
  return Math.sign(x) * (a < 3 ? series(a) : 1 - complement(a));
}

/** 2 / sqrt(pi) * sum of x^(2n+1) 2^n / (1 3 5 ... (2n+1)) * exp(-x^2): all terms positive, so nothing cancels. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-18 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / (x + ...)))), from the inside out. */
function complement(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
