// A comparison killed at random moments, twenty times and more, as SIGKILL does it: whatever lies in the folder afterwards is whole, a finished
// cell is never computed again, and the last run ends with every cell. Then a value more on an axis, a moved folder, and a second run beside.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CellRecord, type CompareGrid, decodePng, type Report, readMetadata } from "@fewstep/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedModels } from "../golden/models.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const MINUTE = 60_000;
const KILLS = 20;
/** Longest life of a run before it is killed: starting takes about one second, a cell half a one. */
const LONGEST_LIFE = 5_000;

let folder: string;
let model: string;
let lora: string;

beforeAll(async () => {
  const models = new GeneratedModels(join(root, "test/golden/data"), join(root, ".cache/golden-models"));
  folder = mkdtempSync(join(tmpdir(), "fewstep-compare-"));
  model = (await models.open("sd15-tiny")).path!;
  lora = (await models.open("sd15-lcm-like")).path!;
}, 5 * MINUTE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  out: string,
  steps: string,
  file = lora,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const axes = [
    "--accelerators",
    "lcm,none",
    "--steps",
    steps,
    "--seeds",
    "1,2,3,4",
    "--sizes",
    "64x64",
    "--prompt",
    "a cat",
  ];
  const files = ["--model", model, "--lora", `lcm=${file}`, "--out", out, "--threads", "1"];
  const child = spawn(process.execPath, [join(root, "packages/fewstep/dist/cli.js"), "compare", ...files, ...axes], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (text) => {
    stdout += text;
  });
  child.stderr!.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

interface FinishedCell {
  readonly changed: number;
  readonly sha256: string;
}

/** Every record of a folder, each held against its picture. */
async function finishedCells(out: string): Promise<ReadonlyMap<string, FinishedCell>> {
  const cells = join(out, "cells");
  const finished = new Map<string, FinishedCell>();
  for (const name of existsSync(cells) ? readdirSync(cells) : []) {
    if (!name.endsWith(".json") || name.startsWith(".")) continue;
    const path = join(cells, name);
    const record = JSON.parse(readFileSync(path, "utf8")) as CellRecord;
    expect(record.status).toBe("done");
    const png = new Uint8Array(readFileSync(join(cells, `${record.id}.png`)));
    const sha256 = createHash("sha256").update(png).digest("hex");
    expect(record.picture).toMatchObject({ sha256, bytes: png.length, width: 64, height: 64 });
    expect(await decodePng(png)).toMatchObject({ width: 64, height: 64 });
    finished.set(record.id, { changed: statSync(path).mtimeMs, sha256 });
  }
  return finished;
}

describe("a comparison that is killed", () => {
  it("goes on where it was", { timeout: 15 * MINUTE }, async () => {
    const out = join(folder, "grid");
    let seen: ReadonlyMap<string, FinishedCell> = new Map();
    let kills = 0;
    let steps = 2;
    for (let seed = 1; kills < KILLS; seed++) {
      // a finished grid gets another value, so that there is always something to kill
      const axis = Array.from({ length: steps }, (_, i) => i + 1).join();
      const { child, ended } = start(out, axis);
      const life = 300 + (((seed * 7919) % 997) / 997) * LONGEST_LIFE;
      const timer = setTimeout(() => child.kill("SIGKILL"), life);
      const { signal, code, stderr } = await ended;
      clearTimeout(timer);
      if (signal === "SIGKILL") kills += 1;
      else {
        expect({ code, stderr }).toMatchObject({ code: 0 });
        steps += 1;
      }
      const now = await finishedCells(out);
      for (const [id, cell] of seen) expect(now.get(id), "a finished cell is left as it is").toEqual(cell);
      seen = now;
    }
    const axis = Array.from({ length: steps }, (_, i) => i + 1).join();
    const { ended } = start(out, axis);
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    const cells = await finishedCells(out);
    // two accelerators, four seeds, and four references
    expect(cells.size).toBe(steps * 2 * 4 + 4);
    for (const [id, cell] of seen) expect(cells.get(id)).toEqual(cell);
    const left = [out, join(out, "cells"), join(out, "scores")].flatMap((place) => readdirSync(place));
    expect(left.filter((name) => name.endsWith(".tmp") || name === "lock")).toEqual([]);
    console.log(`${kills} kills, ${cells.size} cells, each computed once`);
  });

  it("computes nothing anew where the folder was moved, and only what is new where an axis grew", {
    timeout: 5 * MINUTE,
  }, async () => {
    const moved = join(folder, "moved");
    renameSync(join(folder, "grid"), moved);
    const before = await finishedCells(moved);
    const again = await start(moved, "1,2").ended;
    expect(again.stderr).toContain("20 pictures, 20 of them done");
    const most = Math.max(...[...before.values()].map(({ changed }) => changed));
    const grown = await start(moved, "1,2,30").ended;
    expect(grown.stderr).toContain("28 pictures, 20 of them done");
    const after = await finishedCells(moved);
    expect(after.size).toBe(before.size + 8);
    for (const [id, cell] of before) expect(after.get(id)).toEqual(cell);
    const fresh = [...after].filter(([id]) => !before.has(id));
    for (const [, { changed }] of fresh) expect(changed).toBeGreaterThan(most);
  });

  it("computes a picture that was deleted or cut, and no other", { timeout: 5 * MINUTE }, async () => {
    const moved = join(folder, "moved");
    const before = await finishedCells(moved);
    const { grid } = JSON.parse(readFileSync(join(moved, "comparison.json"), "utf8")) as { grid: CompareGrid };
    const first = grid.cells[0]!.id;
    rmSync(join(moved, "cells", `${first}.png`));
    const { stderr } = await start(moved, "1,2,30").ended;
    expect(stderr).toMatch(/28 pictures, 27 of them done/);
    const after = await finishedCells(moved);
    expect(after.get(first)!.sha256).toBe(before.get(first)!.sha256);
    for (const [id, cell] of before) if (id !== first) expect(after.get(id)).toEqual(cell);
  });

  it("writes into every picture how it was made", async () => {
    const cells = join(folder, "moved", "cells");
    for (const name of readdirSync(cells)
      .filter((one) => one.endsWith(".png"))
      .slice(0, 5)) {
      const record = JSON.parse(readFileSync(join(cells, name.replace(".png", ".json")), "utf8")) as CellRecord;
      const { reading } = await readMetadata(new Uint8Array(readFileSync(join(cells, name))));
      expect(reading?.settings).toMatchObject({
        prompt: "a cat",
        seed: record.run.request.seeds![0],
        model: record.run.model.name,
      });
    }
  });

  it("reports cells whose file went away in the middle in their place, and goes on", {
    timeout: 5 * MINUTE,
  }, async () => {
    const out = join(folder, "missing");
    const copy = join(folder, "lora.safetensors");
    copyFileSync(lora, copy);
    const first = start(out, "1,2", copy);
    await new Promise<void>((resolve) => {
      // references come first, and need no LoRA
      first.child.stderr!.on("data", (text) => String(text).includes("[1/") && resolve());
    });
    renameSync(copy, join(folder, "elsewhere"));
    const { code, stdout } = await first.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("12 pictures, 8 failed, 0 empty");
    const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report;
    for (const { settings, status, reason } of report.cells) {
      expect(status).toBe(settings.accelerator === "lcm" ? "failed" : "done");
      if (status === "failed") expect(reason).toMatchObject({ code: "file-not-found" });
    }
    renameSync(join(folder, "elsewhere"), copy);
    const again = await start(out, "1,2", copy).ended;
    expect(again.stderr).toContain("20 pictures, 12 of them done");
    expect(again.stdout).toContain("20 pictures, 0 failed, 0 empty");
  });

  it("refuses a second run beside the first", { timeout: 5 * MINUTE }, async () => {
    const out = join(folder, "moved");
    const first = start(out, "40,41,42");
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!existsSync(join(out, "lock"))) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    const second = await start(out, "1,2").ended;
    expect(second).toMatchObject({ code: 2 });
    expect(second.stderr).toContain("another run works in this folder");
    first.child.kill("SIGINT");
    expect(await first.ended).toMatchObject({ code: 130 });
    expect(existsSync(join(out, "lock"))).toBe(false);
  });
});
