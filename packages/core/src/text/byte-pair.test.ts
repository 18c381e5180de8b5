import { expect, test } from "vitest";
import { mergePairs, mergeTable } from "./byte-pair.js";
import { CLIP_MERGES } from "./clip-merges.js";

const bytes = Uint8Array.from(atob(CLIP_MERGES), (c) => c.charCodeAt(0));
const table = mergeTable(bytes);

/** The definition: while any pair is in the table, join all places of the one of lowest rank, left to right. Quadratic. */
function mergeByDefinition(symbols: readonly number[]): readonly number[] {
  let ids = [...symbols];
  for (;;) {
    const ranks = ids.slice(1).map((right, i) => table.get(ids[i]! * 65536 + right) ?? Number.POSITIVE_INFINITY);
    const best = Math.min(...ranks);
    if (!Number.isFinite(best)) return ids;
    const joined: number[] = [];
    for (let i = 0; i < ids.length; i++)
      if (i + 1 < ids.length && table.get(ids[i]! * 65536 + ids[i + 1]!) === best) {
        joined.push(best);
        i++;
      } else joined.push(ids[i]!);
    ids = joined;
  }
}

test("every merge is made of older tokens, so that a heap finds the definition's order", () => {
  expect(table.size).toBe(48_894);
  for (const [pair, id] of table) expect(Math.max(Math.floor(pair / 65536), pair % 65536)).toBeLessThan(id);
});

test("equals the definition on 5,000 words of few letters, where pairs overlap most", () => {
  let state = 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 5_000; i++) {
    const letters = 1 + draw(12);
    // ids 64 to 89 are a to z
    const word = Array.from({ length: 1 + draw(24) }, () => 64 + draw(letters));
    word[word.length - 1]! += 256;
    expect(mergePairs(word, table)).toEqual(mergeByDefinition(word));
  }
});
