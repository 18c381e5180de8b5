// Rows on disk: CSV, packed where the name ends with .gz.
import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { rowsFromCsv, rowsToCsv, type ScoreRow } from "./rows.js";

const isPacked = (path: string): boolean => path.endsWith(".gz");

/** Throws `bad-score-rows`. */
export async function readRows(path: string): Promise<readonly ScoreRow[]> {
  const bytes = await readFile(path);
  return rowsFromCsv((isPacked(path) ? gunzipSync(bytes) : bytes).toString("utf8"));
}

export async function writeRows(path: string, rows: readonly ScoreRow[]): Promise<void> {
  const text = rowsToCsv(rows);
  await writeFile(path, isPacked(path) ? gzipSync(text, { level: 9 }) : text);
}
