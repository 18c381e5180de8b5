// `fewstep train hyper`, `turbo` and `lcm` with what their papers have beside the first losses: feedback, score distillation, guidance kept,
// a critic's features, an averaged target, and the weights that a small teacher wants otherwise.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng, openSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { classifierLayout, writeCritic } from "@fewstep/tiny/critic";
import { judgeFile } from "@fewstep/tiny/model";
import { initialWeights } from "@fewstep/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

const SIDE = 64;
let folder: CommandFolder;

const critic = (name: string, size: number) => {
  const shape = { widths: [8, 8, 8], size };
  const vector = initialWeights(classifierLayout(shape), "discriminator", 1);
  return writeCritic(join(folder.path, name), shape, vector);
};

async function pictures(name: string, caption: string, widths = [SIDE, SIDE]): Promise<void> {
  mkdirSync(join(folder.path, name));
  for (const [n, width] of widths.entries()) {
    const data = new Uint8Array(width * SIDE * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * (n + 1)) % 256));
    writeFileSync(join(folder.path, name, `${n}.png`), await encodePng({ width, height: SIDE, data }));
    writeFileSync(join(folder.path, name, `${n}.txt`), `${caption}\n`);
  }
}

beforeAll(async () => {
  folder = new CommandFolder();
  await pictures("pictures", "blue hair, smile, forest");
  await pictures("nameless", "a square of colours");
  await pictures("shapes", "colours", [SIDE, SIDE, 2 * SIDE]);
  await critic("critic.safetensors", SIDE);
  await critic("large.safetensors", 2 * SIDE);
});
afterAll(() => folder.remove());

const train = (method: string, out: string, ...more: readonly string[]) => [
  "train",
  method,
  ..."--data pictures --size 64 --batch 1 --steps 1 --threads 1 --rank 2 --cache cache".split(" "),
  ...["--teacher", testModel("sd15-tiny"), "--out", out, ...more],
];
const log = (out: string): Readonly<Record<string, number>> => {
  const [line] = readFileSync(join(folder.path, `${out}.training`, "log.jsonl"), "utf8")
    .trim()
    .split("\n");
  return JSON.parse(line!).metrics;
};

const headerOf = async (out: string) => openSafetensors(await openFile(join(folder.path, out)));

describe("options that do not fit together", () => {
  it.each([
    [
      "an early end of the first of several stages",
      ["--until", "loss<10"],
      /--until with --first-steps 8 --student-steps 1/,
    ],
    [
      "stages that go up",
      ["--first-steps", "2", "--student-steps", "4"],
      /--first-steps 2 --student-steps 4[\s\S]*from more segments to fewer/,
    ],
    ["four steps by scores", ["--score-distillation", "--student-steps", "4"], /--student-steps 4[\s\S]*one step/],
    [
      "scores' options alone",
      ["--score-updates", "3", "--regression-weight", "1"],
      /--score-updates --regression-weight/,
    ],
    ["feedback's options alone", ["--feedback-weight", "1"], /--feedback-weight[\s\S]*--feedback FILE/],
    ["guidance kept in four steps", ["--keep-guidance", "--student-steps", "4"], /8 steps/],
    [
      "guidance kept and given",
      ["--keep-guidance", "4", "--guidance", "3", "--student-steps", "8"],
      /cannot be used with/,
    ],
    ["guidance kept and scores", ["--keep-guidance", "4", "--score-distillation"], /cannot be used with/],
    ["segments and scores", ["--first-steps", "1", "--score-distillation"], /cannot be used with/],
    ["guidance of 1 kept", ["--keep-guidance", "1", "--student-steps", "8"], /above 1/],
    [
      "a grid and scores",
      ["--grid", "20", "--score-distillation", "--student-steps", "1"],
      /--grid 20 --score-distillation[\s\S]*scores have none/,
    ],
    ["a grid between timesteps", ["--grid", "30"], /30[\s\S]*a divisor of 1000/],
    ["a reward above 0", ["--feedback", "critic.safetensors", "--feedback-threshold", "0.5"], /at most 0/],
  ])("%s are refused", async (_, more, message) => {
    const { code, stderr } = await folder.run(train("hyper", "x.safetensors", ...more));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
  it("a critic for another method is bad usage", async () => {
    expect((await folder.run(train("lcm", "x.safetensors", "--critic", "critic.safetensors"))).code).toBe(2);
  });
});

describe("a critic that cannot be used", () => {
  it("is the judge", async () => {
    const judge = await judgeFile();
    for (const [method, option] of [
      ["hyper", "--feedback"],
      ["turbo", "--critic"],
    ] as const) {
      const { code, stderr } = await folder.run(train(method, "x.safetensors", option, judge!.path));
      expect(stderr).toMatch(/is not the critic[\s\S]*judge/);
      expect(code).toBe(2);
    }
  });
  it("reads pictures of another size", async () => {
    const { code, stderr } = await folder.run(train("turbo", "x.safetensors", "--critic", "large.safetensors"));
    expect(stderr).toMatch(/another size[\s\S]*64x64[\s\S]*128x128/);
    expect(code).toBe(2);
  });
  it("has nothing to say to the captions", async () => {
    const args = train("hyper", "x.safetensors", "--student-steps", "8", "--feedback", "critic.safetensors");
    const { code, stderr } = await folder.run(args.map((arg) => (arg === "pictures" ? "nameless" : arg)));
    expect(stderr).toMatch(/no caption names[\s\S]*a square of colours/);
    expect(code).toBe(2);
  });
});

describe("Hyper", () => {
  it("is rewarded for what its captions name", async () => {
    const feedback = ["--feedback", "critic.safetensors", "--feedback-weight", "0.5", "--feedback-threshold", "-0.2"];
    const out = "rewarded.safetensors";
    expect(await folder.run(train("hyper", out, "--student-steps", "8", ...feedback))).toMatchObject({ code: 0 });
    const { loss, squared, feedback: wanted } = log(out);
    expect(wanted).toBeGreaterThan(0.5);
    expect(loss).toBeCloseTo(squared! + 0.5 * wanted!, 4);
  });
  it("goes on to one step by scores, with feedback, from a LoRA of an earlier stage", async () => {
    const out = "scored.safetensors";
    const more = [
      "--student-steps",
      "1",
      "--score-distillation",
      "--score-updates",
      "2",
      "--start",
      "rewarded.safetensors",
    ];
    const args = train("hyper", out, ...more, "--feedback", "critic.safetensors");
    expect(await folder.run(args)).toMatchObject({ code: 0 });
    const { loss, matching, squared, feedback, score } = log(out);
    expect(score).toBeGreaterThan(0);
    expect(loss! / (matching! + 0.25 * squared! + 0.001 * feedback!)).toBeCloseTo(1, 4);
    const inspected = await folder.run(["inspect", out, "--json"]);
    expect(inspected.stdout).toMatch(/trained it as hyper-1/);
  });
  it("goes on from few segments without the stages of more", async () => {
    const out = "later.safetensors";
    const more = ["--first-steps", "2", "--student-steps", "2", "--start", "rewarded.safetensors"];
    expect(await folder.run(train("hyper", out, ...more))).toMatchObject({ code: 0 });
    expect(log(out)).toMatchObject({ segments: 2, critic: expect.any(Number) });
  });
  it("keeps guidance in a LoRA that says so, and brings its scale to a run", async () => {
    const out = "guided.safetensors";
    expect(
      await folder.run(train("hyper", out, "--student-steps", "8", "--keep-guidance", "3.5", "--sheets", "sheets")),
    ).toMatchObject({ code: 0 });
    const inspected = await folder.run(["inspect", out, "--json"]);
    expect(inspected.stdout).toMatch(/trained it as hyper-8-cfg/);
    const run = "generate square --size 64 --seed 1 --threads 1 --json --out guided.png".split(" ");
    const made = await folder.run([...run, "--model", testModel("sd15-tiny"), "--lora", `${out}:1`]);
    expect(made.stderr).not.toMatch(/error/i);
    expect(JSON.parse(made.stdout)).toMatchObject({ steps: 8, guidance: expect.arrayContaining([3.5]) });
  });
});

describe("Turbo", () => {
  it("is judged on decoded pictures by heads on a critic's features", async () => {
    const out = "turbo.safetensors";
    expect(await folder.run(train("turbo", out, "--critic", "critic.safetensors"))).toMatchObject({ code: 0 });
    expect(log(out)).toMatchObject({ critic: expect.any(Number), distilled: expect.any(Number) });
    // the heads on the teacher's features are another training
    const other = await folder.run(train("turbo", out, "--force"));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("belongs to another training") });
  });
  it("weighs the teacher's part, and says so in its file", async () => {
    const lossAt = async (weight: string) => {
      const out = `turbo-${weight}.safetensors`;
      const more = ["--noise-alone", "1", "--distillation-weight", weight];
      expect(await folder.run(train("turbo", out, ...more))).toMatchObject({ code: 0 });
      return log(out);
    };
    const [without, with4] = [await lossAt("0"), await lossAt("4")];
    expect(with4.loss! - without.loss!).toBeCloseTo(4 * with4.distilled!, 4);
    const { metadata } = await headerOf("turbo-4.safetensors");
    expect(JSON.parse(metadata.get("fewstep.options")!)).toMatchObject({ noiseAlone: 1, distillationWeight: 4 });
  });
});

describe("LCM", () => {
  it("learns from its average on a coarser grid", async () => {
    const out = "lcm.safetensors";
    expect(await folder.run(train("lcm", out, "--grid", "20", "--target-average", "0.9"))).toMatchObject({ code: 0 });
    expect(log(out).loss).toBeGreaterThan(0);
    const { metadata } = await headerOf(out);
    expect(JSON.parse(metadata.get("fewstep.options")!)).toMatchObject({ grid: 20, targetAverage: 0.9 });
  });
  it("keeps the shapes of its pictures", async () => {
    const out = "shapes.safetensors";
    const changed: Readonly<Record<string, string>> = { pictures: "shapes", [SIDE]: String(2 * SIDE) };
    const args = train("lcm", out, "--buckets").map((arg) => changed[arg] ?? arg);
    const { code, stderr } = await folder.run(args);
    expect(stderr).toContain("2 pictures of 128x128, 1 pictures of 192x64");
    expect(code).toBe(0);
    const { metadata } = await headerOf(out);
    expect(JSON.parse(metadata.get("fewstep.options")!)).toMatchObject({ buckets: true });
  });
});
