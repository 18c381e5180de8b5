// What an expression over a delta's factors is told of the place it is computed for.
import type { AdapterParts } from "./adapter-parts.js";

export interface Scope {
  readonly parts: AdapterParts;
  readonly id: string;
  /** Shape of the weight as the delta sees it: [out, in, kernel...]. */
  readonly shape: readonly number[];
}

export const NO_TRANSPOSE = { transposeA: false, transposeB: false } as const;
