// `fewstep generate` from a picture, with a mask, and in two passes, on a small checkpoint.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodePng, encodePng, type Pixels, readMetadata } from "@fewstep/core";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model = "";

beforeAll(() => {
  model = testModel("sd15-tiny");
});
beforeEach(async () => {
  folder = new CommandFolder();
  await write("start.png", 64, 72, (x, y) => [x * 4, y * 3, 128]);
  await write("mask.png", 64, 72, (x) => (x < 32 ? [0, 0, 0] : [255, 255, 255]));
});
afterEach(() => folder.remove());

async function write(name: string, width: number, height: number, colour: (x: number, y: number) => number[]) {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([...colour(i % width, Math.floor(i / width)), 255], i * 4);
  writeFileSync(join(folder.path, name), await encodePng({ width, height, data }));
}
const bytesOf = (name: string) => Uint8Array.from(readFileSync(join(folder.path, name)));
const generate = (...args: readonly string[]) =>
  folder.run(["generate", "a cat", "--model", model, "--steps", "4", "--seed", "1", ...args, "--out", "out.png"]);
const half = ({ width, data }: Pixels, right: boolean) =>
  data.filter((_, i) => Math.floor(i / 4) % width >= width / 2 === right);

test("from a picture: its size, a part of the steps, said in the file", async () => {
  const { code, stdout, stderr } = await generate("--init", "start.png", "--strength", "0.5", "--json");
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("step 2/2, ");
  expect(stderr).toContain("0 s left");
  expect(JSON.parse(stdout)).toMatchObject({
    width: 64,
    height: 72,
    steps: 2,
    init: { strength: 0.5, fit: "stretch", encode: "sample" },
  });
  const { entries } = await readMetadata(bytesOf("out.png"));
  expect(entries[0]?.text).toContain("Steps: 4, ");
  expect(entries[0]?.text).toContain("Denoising strength: 0.5");
});

test("with a mask: what is kept and pasted is the picture's own, what is painted is not", async () => {
  const { code, stderr } = await generate("--init", "start.png", "--mask", "mask.png", "--paste");
  expect(code, stderr).toBe(0);
  const [start, out] = [await decodePng(bytesOf("start.png")), await decodePng(bytesOf("out.png"))];
  expect(half(out, false)).toEqual(half(start, false));
  expect(half(out, true)).not.toEqual(half(start, true));
});

test("a second pass: larger, its steps counted, said in the file", async () => {
  const hires = ["--hires", "2", "--hires-strength", "0.5", "--hires-steps", "6"];
  const { code, stdout, stderr } = await generate("--size", "64x64", ...hires, "--json");
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("seed 1: step 4/4");
  expect(stderr).toMatch(/seed 1, second pass: step 3\/3, .*, 0 s left/);
  expect(JSON.parse(stdout)).toMatchObject({
    width: 128,
    height: 128,
    steps: 4,
    hires: { first: { width: 64, height: 64 }, steps: 3, strength: 0.5, upscale: "latent" },
  });
  const { width, height } = await decodePng(bytesOf("out.png"));
  expect([width, height]).toEqual([128, 128]);
  const { entries } = await readMetadata(bytesOf("out.png"));
  expect(entries[0]?.text).toContain("Size: 64x64");
  expect(entries[0]?.text).toMatch(/Hires resize: 128x128, Hires steps: 6, Hires upscaler: Latent/);
});

test("seamless and attention guidance change the picture; folding does so only by rounding", async () => {
  const of = async (...args: readonly string[]) => {
    const { code, stderr } = await generate("--size", "64x64", "--negative", "blurry", "--force", ...args);
    expect(code, stderr).toBe(0);
    return (await decodePng(bytesOf("out.png"))).data;
  };
  const plain = await of();
  expect(await of("--seamless", "xy")).not.toEqual(plain);
  expect(await of("--nag", "5", "--nag-alpha", "1")).not.toEqual(plain);
  const lora = ["--lora", `${testModel("sd15-lcm-like")}:1`];
  const [folded, beside] = [await of(...lora, "--fold", "always"), await of(...lora, "--fold", "never")];
  expect(folded).not.toEqual(plain);
  const farthest = folded.reduce((most, value, i) => Math.max(most, Math.abs(value - beside[i]!)), 0);
  expect(farthest).toBeLessThanOrEqual(1);
});

test.each([
  ["out.jpg", [0xff, 0xd8, 0xff]],
  ["out.webp", [0x52, 0x49, 0x46, 0x46]],
])("%s holds the picture and its settings, and is one to start from", async (name, magic) => {
  const args = ["generate", "a cat", "--model", model, "--steps", "2", "--seed", "1", "--quality", "95"];
  const { code, stderr } = await folder.run([...args, "--size", "64x64", "--out", name]);
  expect(code, stderr).toBe(0);
  expect([...bytesOf(name).subarray(0, magic.length)]).toEqual(magic);
  const { reading } = await readMetadata(bytesOf(name));
  expect(reading?.tool).toBe("fewstep");
  expect(reading?.settings).toMatchObject({ prompt: "a cat", steps: 2, seed: "1", width: 64, height: 64 });
  const again = await generate("--init", name, "--strength", "0.5");
  expect(again.code, again.stderr).toBe(0);
});

test("variations of a seed, another noise, rescaled guidance and a second pass of its own are said in the file", async () => {
  const first = ["--size", "64x64", "--cfg", "3,2,1,1", "--negative", "b", "--rescale", "0.5", "--noise", "philox"];
  const vary = ["--count", "2", "--subseed", "9", "--subseed-strength", "0.3", "--step-seed-offset", "31337"];
  const second = ["--hires", "1.5", "--hires-sampler", "lcm", "--hires-timesteps", "999,499", "--hires-guidance", "1"];
  const { code, stdout, stderr } = await generate(...first, ...vary, ...second);
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("out-9.png\nout-10.png\n");
  const { reading, entries } = await readMetadata(bytesOf("out-10.png"));
  expect(reading?.settings).toMatchObject({
    seed: "1",
    subseed: "10",
    subseedStrength: 0.3,
    seedDelta: 31337,
    rng: "NV",
    cfg: 3,
    cfgRescale: 0.5,
    hires: { width: 96, height: 96, sampler: "LCM", cfg: 1, steps: 2 },
  });
  const { plan } = JSON.parse(entries.find(({ keyword }) => keyword === "fewstep")!.text);
  expect(plan.sampling.noise).toMatchObject({ source: "philox", seeds: ["1"], subseeds: ["10"] });
  expect(plan.hires.sampling.noise).toEqual(plan.sampling.noise);
  expect((await decodePng(bytesOf("out-9.png"))).data).not.toEqual((await decodePng(bytesOf("out-10.png"))).data);
});

test("a picture larger than its format holds is refused", async () => {
  const args = ["generate", "a cat", "--model", model, "--steps", "2", "--size", "16384x64", "--out", "out.webp"];
  const { code, stderr } = await folder.run(args);
  expect([code, folder.files()]).toEqual([2, ["mask.png", "start.png"]]);
  expect(stderr).toContain("too large for a webp file");
});

test.each([
  [["--quality", "80"], "a PNG file has no quality"],
  [["--quality", "101"], "--quality cannot be read"],
  [["--init", "none.png"], "none.png"],
  [["--init", "start.png", "--strength", "1.5"], "the strength is out of range"],
  [["--init", "start.png", "--strength", "0.01"], "strength"],
  [["--init", "start.png", "--fit", "exact", "--size", "64x64"], "has not the size"],
  [["--init", "start.png", "--fit", "squeeze"], "--fit cannot be read"],
  [["--strength", "0.5"], "--strength without --init FILE"],
  [["--mask", "mask.png"], "--mask without --init FILE"],
  [["--init", "start.png", "--mask", "mask.png", "--mask-blur", "-1"], "the mask's blur is not possible"],
  [["--init", "start.png", "--mask", "mask.png", "--hires", "2"], "a second pass would paint over"],
  [["--hires", "0"], "the scale of the second pass is not possible"],
  [["--hires", "big"], "--hires cannot be read"],
  [["--hires", "100x100"], "of the second pass is not possible"],
  [["--hires-steps", "2"], "--hires-steps without --hires"],
  [["--seamless", "z"], "--seamless cannot be read"],
  [["--nag"], "there is none"],
  [["--negative", "b", "--nag", "0"], "the scale of attention guidance"],
  [["--nag-tau", "2"], "--nag-tau without --nag"],
  [["--fold", "often"], "--fold cannot be read"],
])("%j is refused before anything is loaded", async (args, says) => {
  const before = folder.files();
  const { code, stdout, stderr } = await generate(...args);
  expect({ code, stdout, files: folder.files() }).toEqual({ code: 2, stdout: "", files: before });
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("loading");
});

test("a run that names no output replaces nothing: the next name that is free", async () => {
  const run = (...args: readonly string[]) =>
    folder.run(["generate", "a cat", "--model", model, "--steps", "1", "--size", "64x64", "--seed", "1", ...args]);
  const made = () => folder.files().filter((name) => name.startsWith("fewstep"));
  for (const files of [["fewstep.png"], ["fewstep-2.png", "fewstep.png"]]) {
    const { code, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(made().sort()).toEqual(files);
  }
  // seed 2 would be fewstep-2.png
  await run("--count", "2");
  expect(made().sort()).toEqual(["fewstep-2-1.png", "fewstep-2-2.png", "fewstep-2.png", "fewstep.png"]);
});
