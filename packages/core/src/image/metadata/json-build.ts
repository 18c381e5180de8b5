// JSON objects to write, field by field: what is undefined is left out, and seeds keep all their digits.

import type { Json } from "./json.js";

export function fields(values: Readonly<Record<string, Json | undefined>>): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** A seed as a JSON number; undefined where it is none. */
export function seedNumber(seed: string | undefined): bigint | undefined {
  return seed !== undefined && /^-?\d{1,40}$/.test(seed) ? BigInt(seed) : undefined;
}
