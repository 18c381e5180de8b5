import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { FIRST_SEEDS } from "./make-pictures.js";
import type { ScoreRow } from "./rows.js";
import { readRows } from "./rows-file.js";
import { cardAttributes, cardTable, readmeTable, withTable } from "./score-documents.js";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the tables of scores in documents", () => {
  let rows: readonly ScoreRow[];
  beforeAll(async () => {
    rows = await readRows(fileURLToPath(new URL("../../scores/rows.csv.gz", import.meta.url)));
  });
  it("are computed from the committed rows", () => {
    const [card, readme] = [read("../../MODEL_CARD.md"), read("../../../../README.md")];
    expect(withTable(card, cardTable(rows))).toBe(card);
    expect(withTable(card, cardAttributes(rows), "attributes")).toBe(card);
    expect(withTable(readme, readmeTable(rows))).toBe(readme);
  });
  it("tell of prompts that nothing was chosen by", () => {
    expect(Math.min(...rows.map(({ seed }) => seed))).toBe(FIRST_SEEDS.test);
  });
  it("hold the accelerators beside the base at as many calls", () => {
    const lines = readmeTable(rows)
      .split("\n")
      .slice(2)
      .map((line) => line.split(" | ").slice(0, 3).join(" ").replace("| ", ""));
    for (const name of ["lcm", "lightning", "hyper", "turbo", "base"]) expect(lines).toContain(`${name} 4 4`);
    expect(lines).toContain("base cfg 3 2 4");
    expect(lines).toContain("base cfg 3 25 50");
  });
  it("want a place", () => {
    expect(() => withTable("no comments", "table")).toThrowError(
      expect.objectContaining({ code: "no-place-for-scores" }),
    );
  });
});
