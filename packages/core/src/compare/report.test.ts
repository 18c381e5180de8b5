// What is cut from a report: words of three tools, CSV, sheets.
import { describe, expect, it } from "vitest";
import { measureLines } from "../image/draw-text.js";
import { readMetadata } from "../image/metadata/read-metadata.js";
import { encodePng } from "../image/png-encode.js";
import type { CompareRequest } from "./compare-request.js";
import { drawSheet, sheetPages } from "./contact-sheet.js";
import { planGrid } from "./grid.js";
import { gridLora, gridModel } from "./grid-files.test.fixture.js";
import { reportCsv } from "./report-csv.js";
import { buildReport } from "./report-data.js";
import { painted } from "./scores/test-pictures.test.fixture.js";
import { cellWords } from "./words.js";

const files = { models: [gridModel("anime")], loras: [gridLora("lcm"), gridLora("tcd")] };
const request: CompareRequest = { models: ["anime"], prompts: ["a cat"], accelerators: ["lcm"], seeds: [7] };
const grid = (changes: Partial<CompareRequest>) => planGrid({ ...request, ...changes }, files);
const report = (changes: Partial<CompareRequest>, done = false) => {
  const planned = grid(changes);
  const results = new Map(
    planned.cells.flatMap(({ id, run }) =>
      done && run !== undefined ? [[id, { record: { id, status: "done", run, failures: [] } }] as const] : [],
    ),
  );
  return buildReport({ grid: planned, results, diversities: new Map(), shared: [], version: "1", machine: "" });
};

describe("cellWords", () => {
  const words = (changes: Partial<CompareRequest>) => {
    const [cell] = grid(changes).cells;
    return cellWords(cell!.settings, cell!.run!);
  };

  it("is a command that a shell reads as it was meant", () => {
    expect(words({ prompts: ["it's; $(rm -rf ~)"] }).fewstep).toBe(
      "fewstep generate 'it'\\''s; $(rm -rf ~)' --model anime --lora lcm-file:1 --steps 4 --cfg 1 --sampler lcm --schedule lcm --size 512x512 --seed 7",
    );
  });

  it("is A1111's text, which reads back as the same settings", async () => {
    const { a1111 } = words({ samplers: ["euler"], schedules: ["karras"], cfg: [2], steps: [6], negative: "blurry" });
    const png = await encodePng(
      painted(64, 64, () => [1, 2, 3]),
      { texts: [{ keyword: "parameters", text: a1111 }] },
    );
    const { reading } = await readMetadata(png);
    expect(reading?.settings).toMatchObject({
      negative: "blurry",
      sampler: "Euler",
      schedule: "Karras",
      steps: 6,
      cfg: 2,
      seed: "7",
      loras: [{ name: "lcm-file", strength: 1 }],
    });
  });

  it("is a ComfyUI workflow, and says where ComfyUI has only something near", () => {
    const exact = words({ samplers: ["euler"], schedules: ["sgm_uniform"] });
    expect(exact.notes).toEqual([]);
    const near = words({});
    expect(near.notes.join()).toContain("ComfyUI has no schedule lcm; sgm_uniform is nearest, but it has 749.25");
    for (const { workflow } of [exact, near]) {
      const nodes = Object.values(JSON.parse(workflow!) as Record<string, { class_type: string; inputs: object }>);
      expect(nodes.find(({ class_type }) => class_type === "KSampler")!.inputs).toMatchObject({
        seed: 7,
        steps: 4,
        cfg: 1,
        scheduler: "sgm_uniform",
      });
      expect(nodes.find(({ class_type }) => class_type === "LoraLoader")!.inputs).toMatchObject({
        lora_name: "lcm-file.safetensors",
      });
    }
    const none = words({ accelerators: ["tcd"] });
    expect(none.workflow).toBeUndefined();
    expect(none.notes.join()).toContain("ComfyUI has no sampler tcd");
  });
});

describe("reportCsv", () => {
  it("has a row a cell, and takes no text for a formula", () => {
    const rows = reportCsv(report({ prompts: ['=HYPERLINK("x")', "two\nlines", "plain"] })).split("\r\n");
    expect(rows).toHaveLength(1 + 6 + 1);
    expect(rows[1]).toContain(`"'=HYPERLINK(""x"")"`);
    expect(rows[2]).toContain('"two\nlines"');
    expect(rows[0]!.split(",").slice(0, 4)).toEqual(["id", "role", "status", "preset"]);
  });
});

describe("contact sheets", () => {
  const picture = async () => painted(64, 64, (x) => [x * 4, 90, 90]);

  it("pages a huge grid, every cell once", () => {
    const large = report(
      { seeds: Array.from({ length: 20 }, (_, i) => i), cfg: Array.from({ length: 15 }, (_, i) => 1 + i / 10) },
      true,
    );
    const pages = sheetPages(large);
    // 16 rows of 12, 20 columns of 8
    expect(pages).toHaveLength(2 * 3);
    expect(pages[5]!.title).toBe(" (6 of 6)");
    const placed = pages.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map((cell) => cell!.id)));
    expect(placed.length).toBe(large.cells.length);
    expect(new Set(placed)).toEqual(new Set(large.cells.map(({ id }) => id)));
  });

  it("has every prompt whole below the pictures", async () => {
    const long = "a very long prompt about a dog, ".repeat(60);
    const [page] = sheetPages(report({ prompts: [long, "short"] }, true));
    expect(page!.columns).toEqual(["P1 seed 7", "P2 seed 7"]);
    expect(page!.legend).toEqual([`P1: ${long}`, "P2: short"]);
    const [tall, low] = [
      await drawSheet(page!, picture),
      await drawSheet({ ...page!, legend: ["P1: short"] }, picture),
    ];
    const columns = Math.floor((tall!.width - 16) / measureLines(["m"], 2).width);
    const line = measureLines(["m"], 2).height;
    expect(tall!.height - low!.height).toBeGreaterThanOrEqual((long.length / columns) * line);
  });

  it("draws empty places, and nothing where nothing is done", async () => {
    const [page] = sheetPages(report({ accelerators: ["lcm", "hyper-4"] }, true));
    expect(page!.rows.map(({ cells }) => cells[0]!.status)).toEqual(["done", "done", "empty"]);
    const sheet = await drawSheet(page!, picture);
    const grey = (at: number) => sheet!.data[at] === 236 && sheet!.data[at + 1] === 238 && sheet!.data[at + 2] === 241;
    expect(Array.from({ length: sheet!.data.length / 4 }, (_, i) => i * 4).some(grey)).toBe(true);
    expect(await drawSheet(page!, async () => undefined)).toBeUndefined();
  });
});
