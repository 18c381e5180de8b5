// A small token table for a small world: rows for the tokens that the captions use and one row for every other token. The optimiser then
// moves some hundred rows instead of CLIP's 49,408, and words that were never seen share a row that was trained to mean nothing.
import { FewstepError } from "@fewstep/core";
import type { RandomStream } from "../optim/random-stream.js";

/** CLIP's ids of a text: start, tokens, end, padded to a fixed length. */
export type Tokenise = (text: string) => readonly number[];

export interface TokenRows {
  /** CLIP id of each row; row 0 stands for all others and has id -1. */
  readonly ids: readonly number[];
  rowOf(id: number): number;
}

export const UNKNOWN_ROW = 0;

export function tokenRows(ids: Iterable<number>): TokenRows {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const rows = new Map(sorted.map((id, i) => [id, i + 1]));
  return { ids: [-1, ...sorted], rowOf: (id) => rows.get(id) ?? UNKNOWN_ROW };
}

/** The rows that a set of captions needs. */
export function tokenRowsOf(captions: Iterable<string>, tokenise: Tokenise): TokenRows {
  const used = new Set<number>(tokenise(""));
  const seen = new Set<string>();
  for (const caption of captions) {
    // whole captions are many, their tags are few
    for (const tag of caption.split(",")) {
      if (seen.has(tag)) continue;
      seen.add(tag);
      for (const id of tokenise(`${tag},`)) used.add(id);
    }
  }
  return tokenRows(used);
}

/** Puts 1 to 8 unknown tokens at random places, keeping the length; `end` is the row of the end token that pads. */
export function withUnknown(rows: readonly number[], end: number, random: RandomStream): readonly number[] {
  const words = rows.slice(1, rows.indexOf(end));
  const room = rows.length - 2 - words.length;
  const count = Math.min(room, 1 + random.below(8));
  for (let i = 0; i < count; i++) words.splice(random.below(words.length + 1), 0, UNKNOWN_ROW);
  return [rows[0]!, ...words, ...Array.from({ length: rows.length - 1 - words.length }, () => end)];
}

/** The full table [vocabulary, width]: trained rows where they belong, the unknown row everywhere else. */
export function expandTable(table: Float32Array, rows: TokenRows, vocabulary: number): Float32Array {
  const width = table.length / rows.ids.length;
  if (!Number.isInteger(width)) {
    throw new FewstepError({
      code: "token-table-size",
      message: "the token table does not fit its rows",
      found: `${table.length} numbers`,
      expected: `a multiple of ${rows.ids.length} rows`,
    });
  }
  const full = new Float32Array(vocabulary * width);
  for (let id = 0; id < vocabulary; id++) {
    const row = rows.rowOf(id);
    full.set(table.subarray(row * width, (row + 1) * width), id * width);
  }
  return full;
}

/** The rows of a full table [vocabulary, width] that a small one holds; for all other words that of the first token which it lacks. */
export function reduceTable(full: Float32Array, { ids }: TokenRows, width: number): Float32Array {
  const known = new Set(ids);
  const other = Array.from({ length: full.length / width }, (_, id) => id).find((id) => !known.has(id)) ?? 0;
  const table = new Float32Array(ids.length * width);
  ids.forEach((id, row) => {
    const from = id < 0 ? other : id;
    table.set(full.subarray(from * width, (from + 1) * width), row * width);
  });
  return table;
}
