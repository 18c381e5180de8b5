// The tables of the 256-layer ziggurat for the normal distribution (Marsaglia & Tsang 2000) as NumPy lays them out.
// Layer edges follow from the common area: exp(-x^2 / 2) + area / x is the density at the edge below. Solved from the top
// downwards in density, where rounding errors shrink; the other direction loses two digits.

export const tailStart = 3.654152885361009;
/** Of every layer, and of the lowest with its tail. */
const area = 0.004928673233974655;

/**
 * NumPy's own float64 widths were computed with rounding errors; so far each lies from the exact one, in units in the last place.
 * Measured on NumPy 2.4.6. Without them its float64 values would be met to 1e-14 only; float32 values have no such difference.
 */
const numpyWidthErrors: readonly number[] = [
  -6, -60, -18, -16, -14, -14, -15, -13, -13, -7, -6, -5, -4, -4, -4, -5, -5, -6, -5, -6, -7, -7, -6, -7, -6, -5, -5,
  -3, -5, -4, -5, -4, -4, -5, -4, -5, -5, -7, -5, -5, -4, -2, -1, -2, -1, -2, -3, -3, -3, -3, -4, -4, -2, -2, -2, -2,
  -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, -1, 0, 0, 0, 1, 1, 1, 1, 2, 1, 1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  -1, -1, -1, 0, 0, 0, 0, 0, -1, 0, 0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -2, -2, -2, -1, 0, 1, 2, 3, 2, 2, 2, 2,
  3, 3, 3, 2, 1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -2, -2, -1, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2,
  3, 4, 4, 5, 5, 5, 5, 6, 6, 6, 7, 6, 6, 6, 6, 7, 7, 7, 8, 9, 9, 9, 8, 8, 7, 6, 6, 6, 6, 5, 5, 5, 5, 4, 4, 2, 2, 2, 2,
  2, 1, 1, 1, 0, 0, -1, -1, -2, -2, -2, -2, -2, -2, -1, -1, -1, -1, -1, -1, -2, -2, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, -1, -1, -2, -2, -2, -2, -2, -2, -2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, -1, 0,
];

export interface ZigguratTables {
  /** Below this the value lies inside the layer for certain. */
  readonly inside: Float64Array;
  /** Width of a layer per unit of the random integer. */
  readonly width: Float64Array;
  /** The density exp(-x^2 / 2) at a layer's edge. */
  readonly density: Float64Array;
}

/** @param bits how many random bits measure the position inside a layer: 52 in float64, 23 in float32 */
export function createZiggurat(bits: number): ZigguratTables {
  const scale = 2 ** bits;
  const edges = layerEdges();
  const base = area / Math.exp(-0.5 * tailStart * tailStart);
  const tables = { inside: new Float64Array(256), width: new Float64Array(256), density: new Float64Array(256) };
  for (let i = 0; i < 256; i++) {
    const edge = i === 0 ? base : edges[i]!;
    const inner = i === 0 ? tailStart : edges[i - 1]!;
    tables.inside[i] = Math.floor((inner / edge) * scale);
    const width = edge / scale;
    tables.width[i] = bits === 52 ? width + numpyWidthErrors[i]! * unitInLastPlace(width) : width;
    tables.density[i] = Math.exp(-0.5 * edges[i]! ** 2);
  }
  return tables;
}

function unitInLastPlace(value: number): number {
  return 2 ** (Math.floor(Math.log2(value)) - 52);
}

/** Edge 0 is the middle of the bell, edge 255 where the tail starts. */
function layerEdges(): Float64Array {
  const edges = new Float64Array(256);
  for (let i = 1; i < 255; i++) edges[i] = nextEdge(edges[i - 1]!);
  edges[255] = tailStart;
  return edges;
}

/** x with exp(-x^2 / 2) + area / x = exp(-inner^2 / 2), by Newton's method; near the middle with 1 taken off both sides. */
function nextEdge(inner: number): number {
  const density = inner < 1 ? (x: number) => Math.expm1(-0.5 * x * x) : (x: number) => Math.exp(-0.5 * x * x);
  const target = density(inner);
  let x = inner === 0 ? 0.2 : inner;
  for (let i = 0; i < 60; i++) {
    const next = x + (density(x) + area / x - target) / (x * Math.exp(-0.5 * x * x) + area / (x * x));
    if (Math.abs(next - x) <= 1e-16 * x) break;
    x = next;
  }
  return x;
}
