// A name for plain JSON that depends on its content alone: keys in code-point order, absent and undefined the same, SHA-256 (FIPS 180-4).
// What computes a picture is hashed and no path, so a folder of results can be moved and a cell is never computed twice.
import { createSha256 } from "../accelerators/sha256.js";

/** 64 bits: among a million cells two are alike once in 40 million comparisons of whole grids. */
const HEX_DIGITS = 16;

/** 16 hex digits. `value`: what JSON can hold; bigints are written as text. */
export function contentHash(value: unknown): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(canonicalJson(value)));
  return hash.hex().slice(0, HEX_DIGITS);
}

export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
