// The program that makes docs/guide, on small test files in the embedded model's place: a page with every run, a sheet, and nothing computed
// twice when it is run again.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodePng } from "@fewstep/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testCheckpoint } from "../../scripts/test-checkpoint.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const MINUTE = 60_000;
let folder: string;
let files: Readonly<Record<"model" | "lcm" | "hyper", string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-make-guide-"));
  files = {
    model: testCheckpoint("sd15-tiny"),
    lcm: testCheckpoint("sd15-lcm-like"),
    hyper: testCheckpoint("sd15-lora-kohya"),
  };
}, 5 * MINUTE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const out = () => join(folder, "guide");
const make = (...more: readonly string[]) =>
  promisify(execFile)(
    process.execPath,
    [
      join(root, "scripts/make-guide.mjs"),
      ...["--work", join(folder, "work"), "--out", out(), "--seeds", "1", "--size", "64x64", "--threads", "1"],
      ...["--prompt", "1girl, laughing", "--model", files.model],
      ...["--lora", `lcm=${files.lcm}`, "--lora", `hyper=${files.hyper}`, ...more],
    ],
    { env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") } },
  );

describe("scripts/make-guide.mjs", () => {
  it("writes a page of nine runs with their sheet and numbers", { timeout: 5 * MINUTE }, async () => {
    await make();
    const page = readFileSync(join(out(), "README.md"), "utf8");
    const rows = page.split("\n").filter((line) => /^\| \d \|/.test(line));
    expect(rows.map((row) => row.slice(2, 3))).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(rows[0]).toContain("there is no turbo LoRA");
    expect(rows[3]).toMatch(/6 steps, CFG 1\.5, lcm, sgm_uniform \| [\d.]+ \|/);
    expect(page).toContain("- **Quality**: ");
    expect(page).toContain("Leave Turbo out.");
    expect(page).toContain("Not measured yet");
    const sheet = await decodePng(new Uint8Array(readFileSync(join(out(), "runs.png"))));
    expect(sheet.width).toBeGreaterThan(3 * 64);
    expect(readFileSync(join(out(), "cells.csv"), "utf8").split("\r\n")[0]).toContain("quality");
  });

  it("computes nothing again, and adds the times of a full-size file", { timeout: 5 * MINUTE }, async () => {
    const { stderr } = await make("--full", files.model, "--full-lora", files.lcm);
    const [, pictures, done] = /embedded: (\d+) pictures, (\d+) of them done/.exec(stderr)!;
    expect(done).toBe(pictures);
    const page = readFileSync(join(out(), "README.md"), "utf8");
    const times = page.split("\n").filter((line) => /^\| [589] \| as (made|published) \|/.test(line));
    expect(times).toHaveLength(6);
    // six steps with guidance, and the publisher's four without
    expect(times[0]).toMatch(/^\| 5 \| as made \| 12 \| [\d.]+ s \|$/);
    expect(times[1]).toMatch(/^\| 5 \| as published \| 4 \| [\d.]+ s \|$/);
  });
});
