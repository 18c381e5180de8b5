// The folder of a comparison: whole files, one holder, and what happens when it is damaged, full or somebody else's.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CellRecord, CompareGrid } from "@fewstep/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompareStore } from "./store.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const grid: CompareGrid = { title: "t", cells: [], notes: [] };
const png = Uint8Array.of(1, 2, 3);
const record = (id: string): CellRecord => ({
  id,
  status: "done",
  run: { model: { name: "m", hash: "h", family: "sd15" }, adapters: [], request: { prompt: "p" } },
  picture: { bytes: 0, sha256: "", width: 8, height: 8 },
  failures: [],
});
const ID = "0123456789abcdef";

describe("CompareStore", () => {
  it("keeps cells, and counts a cell without its whole picture as not there", async () => {
    const store = await CompareStore.open(folder);
    await store.writeGrid(grid);
    const written = await store.writeCell(record(ID), png);
    expect(written.picture).toMatchObject({ bytes: 3 });
    expect([...(await store.readRecords()).keys()]).toEqual([ID]);
    expect(await store.readPicture(written)).toEqual(png);
    const path = join(folder, "cells", `${ID}.png`);
    writeFileSync(path, Uint8Array.of(9, 9, 9));
    expect(await store.readPicture(written)).toBeUndefined();
    writeFileSync(path, Uint8Array.of(1, 2));
    expect((await store.readRecords()).size).toBe(0);
    rmSync(path);
    expect((await store.readRecords()).size).toBe(0);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(["cells", "comparison.json", "scores"]);
  });

  it("takes a damaged record for none, and sweeps up after a killed run", async () => {
    const store = await CompareStore.open(folder);
    writeFileSync(join(folder, "cells", `${ID}.json`), '{"id": "0123');
    writeFileSync(join(folder, "cells", `.${ID}.png.uuid.tmp`), "half");
    writeFileSync(join(folder, "cells", "notes.json"), "{}");
    expect((await store.readRecords()).size).toBe(0);
    await store.close();
    await (await CompareStore.open(folder)).close();
    expect(readdirSync(join(folder, "cells")).sort()).toEqual([`${ID}.json`, "notes.json"]);
  });

  it("does not write into somebody else's folder", async () => {
    writeFileSync(join(folder, "thesis.txt"), "years of work");
    await expect(CompareStore.open(folder)).rejects.toMatchObject({ code: "store-foreign", kind: "input" });
    expect(readdirSync(folder)).toEqual(["thesis.txt"]);
    await expect(CompareStore.toRead(folder).readGrid()).rejects.toMatchObject({ code: "store-missing" });
  });

  it("says by name where no folder can be made", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    for (const place of [path, join(path, "below")]) {
      await expect(CompareStore.open(place)).rejects.toMatchObject({
        code: "output-unwritable",
        found: expect.stringContaining(place) as unknown,
      });
    }
  });

  it("says what cannot be written, and keeps what was", async () => {
    const store = await CompareStore.open(folder);
    await store.writeCell(record(ID), png);
    rmSync(join(folder, "scores"), { recursive: true });
    const scored = { scores: { ssim: 1 }, failures: [] };
    await expect(store.writeScores(ID, "", scored)).rejects.toMatchObject({
      code: "output-unwritable",
      kind: "failed",
    });
    expect([...(await store.readRecords()).keys()]).toEqual([ID]);
    await store.close();
  });
});
