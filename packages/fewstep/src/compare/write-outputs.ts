// What a folder shows of itself: report.html, report.json, cells.csv, sheet.png (and sheet-2.png ...).
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type CellRecord,
  decodePng,
  drawSheet,
  encodePng,
  FewstepError,
  type Report,
  reportCsv,
  sheetPages,
} from "@fewstep/core";
import { clientModules } from "./report/client-modules.js";
import { reportHtml } from "./report/report-html.js";
import type { CompareStore } from "./store.js";

/** Paths written, the report first. */
export async function writeOutputs(
  report: Report,
  records: ReadonlyMap<string, CellRecord>,
  store: CompareStore,
  folder: string,
): Promise<readonly string[]> {
  const png = async (id: string) => {
    const record = records.get(id);
    return record && store.readPicture(record);
  };
  const written = [await writeHtml(report, png, join(folder, "report.html"))];
  const text = (name: string, content: string) => writeFile(join(folder, name), [content]);
  written.push(await text("report.json", `${JSON.stringify(report)}\n`), await text("cells.csv", reportCsv(report)));
  for (const [index, page] of sheetPages(report).entries()) {
    const sheet = await drawSheet(page, async ({ id }) => {
      const bytes = await png(id);
      return bytes && decodePng(bytes);
    });
    if (sheet === undefined) continue;
    const name = join(folder, index === 0 ? "sheet.png" : `sheet-${index + 1}.png`);
    written.push(await writeFile(name, [await encodePng(sheet)]));
  }
  return written;
}

async function writeHtml(
  report: Report,
  png: (id: string) => Promise<Uint8Array | undefined>,
  path: string,
): Promise<string> {
  return writeFile(path, reportHtml(report, png, await clientModules()));
}

/** Piece by piece to a name beside it, then renamed: a report of a thousand pictures is never whole in memory, or half on the disk. */
async function writeFile(path: string, pieces: Iterable<string | Uint8Array> | AsyncIterable<string>): Promise<string> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof FewstepError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    throw new FewstepError({
      code: full ? "disk-full" : "output-unwritable",
      kind: "failed",
      message: full ? "the disk is full" : "cannot write the report",
      found: `${path}: ${code ?? message}`,
      hint: "free space and run again: finished cells are kept",
      cause: error,
    });
  }
}
