// The golden runner as a program: which folders fail, what its last line counts, and that a wrong number or a blind case is told.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { readGoldenJson } from "../golden/read-golden-json.js";

const cli = fileURLToPath(new URL("../dist/golden/cli.js", import.meta.url));
const data = fileURLToPath(new URL("../golden/data/", import.meta.url));
const made: string[] = [];
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fewstep-golden-"));
  made.push(dir);
});
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function golden(...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [cli, "--dir", dir, ...args], { encoding: "utf8" });
  const lines = stdout.trimEnd().split("\n");
  const [passed, failed, skipped] = (/^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(lines.at(-1)!) ?? [])
    .slice(1)
    .map(Number);
  return { status, passed, failed, skipped, cases: lines.slice(0, -1).filter((line) => /^(ok|FAIL|skip) /.test(line)) };
}

function keep(...files: readonly string[]): void {
  for (const file of files) cpSync(join(data, file), join(dir, file), { recursive: true });
}

type Json = { cases: Record<string, unknown>[] } & Record<string, unknown>;
function change(file: string, by: (json: Json) => void): void {
  const json = JSON.parse(readFileSync(join(dir, file), "utf8")) as Json;
  by(json);
  writeFileSync(join(dir, file), JSON.stringify(json));
}

test("an empty folder fails, and so does a text that names no case", () => {
  expect(golden()).toMatchObject({ status: 1, passed: 0, failed: 0, skipped: 0 });
  keep("noise/philox.json");
  expect(golden("--only", "nothing")).toMatchObject({ status: 1, passed: 0, failed: 0, skipped: 0 });
});

test("passed, failed and skipped add up to the cases, each on a line", async () => {
  keep("noise", "metadata", "text", "sampling/diffusers/lcm.json.gz", "sampling/guidance.json");
  mkdirSync(join(dir, "other"));
  writeFileSync(join(dir, "other", "unknown.json"), "{}");
  const { status, passed, failed, skipped, cases } = golden("--only", ".json");
  expect({ status, failed }).toEqual({ status: 0, failed: 0 });
  expect(passed! + failed! + skipped!).toBe(cases.length);
  expect(cases.find((line) => line.includes("other/unknown.json"))).toMatch(/^skip /);
  const stored = ((await readGoldenJson(join(dir, "sampling/diffusers/lcm.json"))) as Json).cases.length;
  expect(cases.filter((line) => line.includes("diffusers/lcm.json"))).toHaveLength(stored);
});

test("tensors that the index does not list, or whose call nobody knows, are skipped by name", () => {
  keep("unet/sd15-tiny-8x8-b1-t999.safetensors");
  expect(golden().cases).toEqual([
    expect.stringMatching(/^skip +unet\/sd15-tiny-8x8-b1-t999.safetensors: index.json does not list it/),
  ]);
  const entry = { model: "sd15-tiny", call: "transformer(sample)", parameters: {}, outputs: {} };
  const goldens = { "unet/sd15-tiny-8x8-b1-t999.safetensors": entry };
  writeFileSync(join(dir, "index.json"), JSON.stringify({ goldens }));
  expect(golden()).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
});

test("a number that is off by twice its bound fails its case alone, under any file name", () => {
  keep("noise/philox.json");
  const file = join("noise", "unseen.json");
  cpSync(join(dir, "noise/philox.json"), join(dir, file));
  rmSync(join(dir, "noise/philox.json"));
  change(file, ({ cases }) => {
    const [draw] = cases[3]!.draws as { values: number[] }[];
    draw!.values[0]! += 2.02e-12;
  });
  const run = golden();
  expect(run).toMatchObject({ status: 1, passed: 7, failed: 1, skipped: 0 });
  expect(run.cases.filter((line) => line.startsWith("FAIL"))).toHaveLength(1);
});

test("a tensor that is off by twice its bound fails, from a model made out of its spec", () => {
  const file = "unet/sd15-tiny-8x8-b1-t999.safetensors";
  keep(file, "make.mjs", "specs/index.json", "specs/sd15-tiny.json", "index.json");
  expect(golden("--only", file)).toMatchObject({ status: 0, passed: 1, failed: 0 });
  const bytes = readFileSync(join(dir, file));
  const begin = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, begin)) as Record<string, { data_offsets: [number, number] }>;
  const { goldens } = JSON.parse(readFileSync(join(dir, "index.json"), "utf8")) as {
    goldens: Record<string, { outputs: Record<string, { bound: number }> }>;
  };
  const at = begin + header.noise!.data_offsets[0] + 40;
  bytes.writeFloatLE(bytes.readFloatLE(at) + 2.02 * goldens[file]!.outputs.noise!.bound, at);
  writeFileSync(join(dir, file), bytes);
  expect(golden("--only", file)).toMatchObject({ status: 1, passed: 0, failed: 1 });
});

describe("--self-test", () => {
  test("passes as many cases as there are, on files it has not seen", () => {
    keep(
      "noise/philox.json",
      "sampling/guidance.json",
      "prompt/attention.json",
      "text/tokens.json",
      "text/tokens.safetensors",
    );
    for (const file of ["noise/philox.json", "sampling/guidance.json"]) {
      cpSync(join(dir, file), join(dir, dirname(file), `unseen-${readdirSync(dirname(join(dir, file))).length}.json`));
    }
    const plain = golden();
    expect(golden("--self-test")).toMatchObject({ status: 0, passed: plain.passed, failed: 0, skipped: plain.skipped });
    expect(golden("--self-test", "--seed", "another")).toMatchObject({ status: 0, failed: 0 });
  });

  test("fails for a case that passes whatever its file holds", () => {
    keep("prompt/chunks.json");
    change("prompt/chunks.json", (json) => {
      json.cases = [{ id: "no results", parts: [[[320, 1125], 1]] }];
    });
    expect(golden()).toMatchObject({ status: 0, passed: 1, failed: 0 });
    expect(golden("--self-test")).toMatchObject({ status: 1, passed: 0, failed: 1 });
  });

  test("fails for a case that fails already, and for an empty folder", () => {
    expect(golden("--self-test")).toMatchObject({ status: 1, passed: 0, failed: 0 });
    keep("noise/philox.json");
    change("noise/philox.json", ({ cases }) => {
      (cases[0]!.draws as { values: number[] }[])[0]!.values[0] = 17;
    });
    expect(golden("--self-test")).toMatchObject({ status: 1, passed: 7, failed: 1 });
  });
});
