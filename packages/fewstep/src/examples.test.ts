// The numbered examples: short, type-checked, and run on the small checkpoint as a user would.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, testModel } from "./test-models.test.fixture.js";

const run = promisify(execFile);
const examples = join(REPOSITORY, "examples");
const names = readdirSync(examples).filter((name) => /^\d\d-.*\.ts$/.test(name));
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-examples-"));
  await run(process.execPath, [join(REPOSITORY, "node_modules", "typescript", "bin", "tsc"), "-p", examples]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What each prints. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  "01-hello.ts": /^hello\.png\n$/,
  "02-your-lora.ts": /^lora-1\.png\nlora-2\.png\n$/,
  "03-steps-previews-cancel.ts": /^(step \d of 20, sigma [\d.]+\npreview of 8 x 8\n){3}stopped\n$/,
  "04-plan.ts": /^1024 x 1024\n999 14\.61\d+ -> 4\.08\d+\n749 .*\n499 .*\n249 .* -> 0\n$/,
  "05-inspect.ts":
    /^a Stable Diffusion checkpoint \(checkpoint\)\nUNet: 4 input channels\ntext encoders: clip 128\nVAE: yes\n$/,
};

test("all are known here, in order", () => expect(names).toEqual(Object.keys(PRINTED)));

describe.each(names)("%s", (name) => {
  test("is under 30 lines", () => {
    expect(readFileSync(join(examples, name), "utf8").trimEnd().split("\n").length).toBeLessThan(30);
  });

  test("does what it says", async () => {
    const args = [testModel("sd15-tiny"), testModel("sd15-lcm-like")];
    const script = join(examples, "dist", name.replace(/\.ts$/, ".js"));
    const { stdout, stderr } = await run(process.execPath, [script, ...args], { cwd: folder });
    expect(stderr).toBe("");
    expect(stdout).toMatch(PRINTED[name]!);
  });
});
