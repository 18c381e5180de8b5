// The tables of the 256-layer ziggurat for the normal distribution (Marsaglia & Tsang 2000) as NumPy lays them out.
// Layer edges follow from r and the common area v; layer 0 holds the tail.

export const tailStart = 3.654152885361009;
const area = 0.00492867323399141;

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
  const edges = new Float64Array(257);
  edges[255] = tailStart;
  for (let i = 254; i > 0; i--) {
    const above = edges[i + 1]!;
    edges[i] = Math.sqrt(-2 * Math.log(area / above + Math.exp(-0.5 * above * above)));
  }
  const base = area / Math.exp(-0.5 * tailStart * tailStart);
  const tables = { inside: new Float64Array(256), width: new Float64Array(256), density: new Float64Array(256) };
  for (let i = 0; i < 256; i++) {
    const edge = i === 0 ? base : edges[i]!;
    const inner = i === 0 ? tailStart : i === 1 ? 0 : edges[i - 1]!;
    tables.inside[i] = Math.floor((inner / edge) * scale);
    tables.width[i] = edge / scale;
    tables.density[i] = i === 0 ? 1 : Math.exp(-0.5 * edges[i]! ** 2);
  }
  return tables;
}
