// `fewstep replay` and `fewstep diff`: pictures made again to the bit from fewstep's plan and from other tools' words; what differs is named.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodePicture,
  decodePng,
  type ExifTexts,
  encodePicture,
  encodePng,
  layoutSafetensors,
  type Pixels,
  readMetadata,
  writeA1111,
  writeExif,
  writeSafetensors,
} from "@fewstep/core";
import { sharpCodec } from "@fewstep/core/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

interface Replay {
  readonly verdict: string;
  readonly largest: number;
  readonly tool: string;
  readonly inputs: readonly { readonly role: string; readonly state: string }[];
}

let folder: CommandFolder;
let lcm = "";

beforeAll(async () => {
  folder = new CommandFolder();
  copyFileSync(testModel("sd15-tiny"), join(folder.path, "base.safetensors"));
  lcm = join(folder.path, "fast.safetensors");
  copyFileSync(testModel("sd15-lcm-like"), lcm);
});
afterAll(() => folder.remove());

const run = (...args: readonly string[]) => folder.run(args);
const path = (name: string) => join(folder.path, name);

async function generate(out: string, ...args: readonly string[]): Promise<void> {
  const size = ["--size", "64x64", "--seed", "7", "--out", out, "--force"];
  const { code, stderr } = await run("generate", "a (cat:1.2)", "--model", "base.safetensors", ...size, ...args);
  expect(code, stderr).toBe(0);
}

async function replay(picture: string, ...args: readonly string[]) {
  const result = await run("replay", picture, "--model", "base.safetensors", "--json", ...args);
  const [line = "{}"] = result.stdout.split("\n");
  return { ...result, report: JSON.parse(line) as Replay };
}

/** The picture with one of its texts alone, or with another picture's pixels. */
async function withTexts(from: string, to: string, keywords: readonly string[]): Promise<void> {
  const bytes = Uint8Array.from(readFileSync(path(from)));
  const { entries } = await readMetadata(bytes);
  const texts = entries
    .filter(({ keyword }) => keywords.includes(keyword))
    .map(({ keyword, text }) => ({ keyword, text }));
  writeFileSync(path(to), await encodePng(await decodePng(bytes), { texts }));
}

test("a picture is made again to the bit, files proven by their hashes; another file is refused by name", async () => {
  await generate("a.png", "--lora", "fast.safetensors", "--steps", "2");
  const { code, report, stderr } = await replay("a.png", "--lora", lcm, "--out", "again.png");
  expect(code, stderr).toBe(0);
  expect(report).toMatchObject({ verdict: "same", largest: 0, tool: "fewstep" });
  expect(report.inputs).toEqual([
    expect.objectContaining({ role: "model", state: "same" }),
    expect.objectContaining({ role: "lora", state: "same" }),
  ]);
  expect(folder.files()).toContain("again.png");
  expect((await replay("a.png", "--lora", lcm, "--out", "again.png")).code).toBe(2);

  const other = Buffer.from(readFileSync(lcm));
  other[other.length - 1]! ^= 0x10;
  writeFileSync(lcm, other);
  const refused = await replay("a.png", "--lora", lcm);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("replay-input-differs");
  expect(refused.stderr).toContain("fast");
  copyFileSync(testModel("sd15-lcm-like"), lcm);
});

test("files are found by their names in the user's folders, never by a path that a picture gives", async () => {
  const missing = await run("replay", "a.png");
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("--model FILE") });
  for (const role of ["checkpoint", "lora"]) expect((await run("config", role, folder.path)).code).toBe(0);
  const { code, stdout, stderr } = await run("replay", "a.png");
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("the same picture: every pixel is the same");
  const settings = { prompt: "a cat", steps: 1, seed: "1", sampler: "Euler", width: 64, height: 64 };
  const text = writeA1111({ ...settings, model: join(folder.path, "base.safetensors") });
  const texts = [{ keyword: "parameters", text: text.replace("base", "../base") }];
  writeFileSync(
    path("stranger.png"),
    await encodePng(await decodePng(Uint8Array.from(readFileSync(path("a.png")))), { texts }),
  );
  expect(await run("replay", "stranger.png")).toMatchObject({ code: 2, stderr: expect.stringContaining("is needed") });
});

test("one changed pixel is found, and so is a picture that says nothing", async () => {
  const bytes = Uint8Array.from(readFileSync(path("a.png")));
  const { entries } = await readMetadata(bytes);
  const pixels = await decodePng(bytes);
  pixels.data[4]! ^= 0x80;
  const texts = entries.map(({ keyword, text }) => ({ keyword, text }));
  writeFileSync(path("edited.png"), await encodePng(pixels, { texts }));
  const { code, report, stdout } = await replay("edited.png", "--lora", lcm);
  expect([code, report.verdict, report.largest]).toEqual([1, "different", 128]);
  expect(stdout).toContain("replay-differs");
  writeFileSync(path("bare.png"), await encodePng(pixels));
  expect((await replay("bare.png")).stdout).toContain("picture-without-settings");
});

test("strengths by step and by block, and a picture that it was started from", async () => {
  const asked = ["--lora", "fast.safetensors:1,0.5:mid=0", "--steps", "2", "--init", "a.png", "--strength", "1"];
  await generate("s.png", ...asked);
  const { report, stderr } = await replay("s.png", "--lora", lcm, "--init", "a.png");
  expect(report.verdict, stderr).toBe("same");
  expect(report.inputs).toContainEqual(expect.objectContaining({ role: "init", state: "same" }));
  const without = await replay("s.png", "--lora", lcm);
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("--init FILE") });
  const other = await replay("s.png", "--lora", lcm, "--init", "edited.png");
  expect(other.stdout).toContain("replay-input-differs");
});

test("a textual inversion is found again by its file; a missing one and another one are named", async () => {
  const write = async (name: string, value: number) => {
    const data = Float32Array.from({ length: 128 }, (_, i) => value * Math.sin(i));
    const tensor = { name: "emb_params", dtype: "f32", shape: [1, 128] } as const;
    const parts: Uint8Array[] = [];
    const layout = layoutSafetensors([{ ...tensor, chunks: () => [new Uint8Array(data.buffer)] }]);
    for await (const part of writeSafetensors(layout)) parts.push(part);
    writeFileSync(path(name), Buffer.concat(parts));
  };
  mkdirSync(path("learned/neg"), { recursive: true });
  await write("learned/neg/soft.safetensors", 0.5);
  const size = ["--model", "base.safetensors", "--size", "64x64", "--seed", "7", "--steps", "1"];
  const made = await run(
    "generate",
    "a cat, fuzz",
    ...size,
    "--embedding",
    "fuzz=learned/neg/soft.safetensors",
    "--out",
    "t.png",
  );
  expect(made.code, made.stderr).toBe(0);
  const missing = await replay("t.png");
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("soft is needed to make the picture again"),
  });
  expect((await run("config", "embedding", "learned")).code).toBe(0);
  const { report, stderr } = await replay("t.png");
  expect(report.verdict, stderr).toBe("same");
  expect(report.inputs).toContainEqual(expect.objectContaining({ role: "embedding", name: "fuzz", state: "same" }));
  // ComfyUI's graph lists none: its text names them
  const graph = ["--grammar", "comfyui", "--like", "comfyui", "--metadata", "comfyui", "--out", "e.png"];
  const named = await run("generate", "a cat embedding:soft", ...size, ...graph);
  expect(named.code, named.stderr).toBe(0);
  await withTexts("e.png", "e-graph.png", ["prompt"]);
  expect((await replay("e-graph.png")).report.verdict).toBe("same");
  await write("learned/neg/soft.safetensors", 0.25);
  const other = await replay("t.png");
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining("replay-input-differs")]);
  expect(other.stderr).toMatch(/embedding fuzz: .*soft\.safetensors is another file/);
  expect((await replay("t.png", "--anyway")).report.verdict).toBe("different");
});

test.each(["jpg", "webp"])(
  "a %s is made again from fewstep's own text and held against the same coding",
  async (ending) => {
    const [name, codec] = [`coded.${ending}`, await sharpCodec()];
    const asked = ["--steps", "2", "--cfg", "2", "--sampler", "euler_a", "--schedule", "karras", "--negative", "dog"];
    await generate(name, ...asked, "--like", "a1111", "--quality", "95");
    const { code, report, stderr } = await replay(name);
    expect([code, report.tool], stderr).toEqual([0, "fewstep"]);
    expect(report).toMatchObject({ verdict: "same", largest: 0 });
    const bytes = Uint8Array.from(readFileSync(path(name)));
    const { entries, format } = await readMetadata(bytes);
    const textOf = (key: string) => entries.find(({ keyword }) => keyword === key)!.text;
    const coded = async (to: string, pixels: Pixels, texts: ExifTexts) => {
      const file = await encodePicture(pixels, format, { codec, quality: 95, exif: writeExif(texts) });
      writeFileSync(path(to), file);
    };
    // A1111's words do not say the quality: the nearest is found, and what coding leaves out is allowed for
    const words = `words.${ending}`;
    await coded(words, await decodePicture(bytes, { codec }), { comment: textOf("UserComment") });
    const byWords = await replay(words);
    expect(byWords.report, byWords.stdout).toMatchObject({
      tool: "a1111",
      verdict: expect.not.stringMatching("different"),
    });
    await generate("dog.png", "--steps", "3");
    const dog = await decodePng(Uint8Array.from(readFileSync(path("dog.png"))));
    await coded(`faked.${ending}`, dog, { own: textOf("fewstep") });
    expect((await replay(`faked.${ending}`)).report.verdict).toBe("different");
  },
);

test("every picture of a batch that one generator draws for", async () => {
  await generate("c-{seed}.png", "--steps", "1", "--sampler", "euler_a", "--count", "2", "--like", "comfyui");
  for (const name of ["c-7.png", "c-8.png"]) {
    const { report, stderr } = await replay(name);
    expect(report.verdict, stderr).toBe("same");
  }
});

test("A1111's and ComfyUI's words alone make the same picture as the plan, with those tools' habits", async () => {
  const asked = ["--steps", "2", "--cfg", "2", "--sampler", "euler_a", "--schedule", "karras", "--negative", "dog"];
  await generate("w.png", ...asked, "--like", "a1111");
  await withTexts("w.png", "words.png", ["parameters"]);
  const words = await replay("words.png");
  expect(words.report, words.stderr).toMatchObject({ verdict: "same", tool: "a1111" });
  // in ComfyUI's way it is another picture
  expect((await replay("words.png", "--like", "comfyui")).report.verdict).toBe("different");
  await generate("g.png", ...asked, "--like", "comfyui", "--metadata", "comfyui");
  await withTexts("g.png", "graph.png", ["prompt"]);
  const graph = await replay("graph.png");
  expect(graph.report, graph.stderr).toMatchObject({ verdict: "same", tool: "comfyui" });
});

test("diff names the switches in which ComfyUI and A1111 differ, and whose they are", async () => {
  const { code, stdout, stderr } = await run("diff", "words.png", "graph.png");
  expect(code, stderr).toBe(0);
  for (const name of ["noise-source", "step-noise", "start-noise", "emphasis"])
    expect(stdout).toContain(`switch ${name}`);
  expect(stdout).toMatch(/switch start-noise .*: sigma \(as .*A1111.*\) \| sqrt\(sigma\^2 \+ 1\) \(as ComfyUI\)/);
  expect(stdout).not.toContain("setting ");
  const same = await run("diff", "a.png", "again.png").then(({ code }) => code);
  expect(same, "a picture without texts has nothing to compare").toBe(2);
  const edited = await run("diff", "a.png", "edited.png", "--json");
  const found = JSON.parse(edited.stdout) as { readonly files: readonly object[]; readonly plans: readonly object[] };
  expect([found.files, found.plans]).toEqual([[], []]);
  const seeds = await run("diff", "c-7.png", "a.png");
  expect(seeds.stdout).toMatch(/setting sampler .*: euler_ancestral \| lcm/);
});
