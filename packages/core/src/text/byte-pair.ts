// Byte-pair encoding over token ids (Sennrich et al., 2016, as CLIP uses it): merges the pair of lowest rank until none is left.
// A linked list and a heap make it O(n log n): a word of a megabyte is no attack. It knows neither text nor special tokens.
import { NumberHeap } from "./number-heap.js";

/** First id that a merge makes: 256 bytes and the same 256 at the end of a word come before. */
const FIRST_MERGED = 512;
/** Positions are packed below ranks in one number of the heap: 2^16 ranks * 2^32 positions stay exact in a double. */
const POSITIONS = 2 ** 32;

/** (left id * 2^16 + right id) -> merged id. */
export type MergeTable = ReadonlyMap<number, number>;

const pairKey = (left: number, right: number): number => left * 65536 + right;

/** The table of a list of little-endian u16 pairs in rank order. */
export function mergeTable(pairs: Uint8Array): MergeTable {
  const view = new DataView(pairs.buffer, pairs.byteOffset, pairs.byteLength);
  const table = new Map<number, number>();
  for (let at = 0; at < pairs.byteLength; at += 4)
    table.set(pairKey(view.getUint16(at, true), view.getUint16(at + 2, true)), FIRST_MERGED + at / 4);
  return table;
}

/**
 * Merges the ids of one word. Taking merges by (rank, position) equals CLIP's order (all places of the lowest rank, left to
 * right) because every part of a merge is older than the merge: a new pair never ranks before the one just merged.
 */
export function mergePairs(symbols: readonly number[], table: MergeTable): readonly number[] {
  const count = symbols.length;
  const ids = Int32Array.from(symbols);
  const next = Int32Array.from(symbols, (_, at) => at + 1);
  const previous = Int32Array.from(symbols, (_, at) => at - 1);
  const heap = new NumberHeap();
  const offer = (at: number): void => {
    const right = next[at]!;
    if (right >= count) return;
    const merged = table.get(pairKey(ids[at]!, ids[right]!));
    if (merged !== undefined) heap.push(merged * POSITIONS + at);
  };
  for (let at = 0; at < count; at++) offer(at);
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const merged = Math.floor(key / POSITIONS);
    const at = key % POSITIONS;
    const right = next[at]!;
    // an entry is stale if either side has been merged since: swallowed places hold -1
    if (ids[at] === -1 || right >= count || table.get(pairKey(ids[at]!, ids[right]!)) !== merged) continue;
    ids[at] = merged;
    ids[right] = -1;
    next[at] = next[right]!;
    if (next[at]! < count) previous[next[at]!] = at;
    if (previous[at]! >= 0) offer(previous[at]!);
    offer(at);
  }
  const out: number[] = [];
  for (let at = 0; at < count; at = next[at]!) out.push(ids[at]!);
  return out;
}
