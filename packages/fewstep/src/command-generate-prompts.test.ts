// `fewstep generate` with prompts that are more than words: embeddings by name, choices and wildcards, other grammars' weights.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodePng, expandChoices, layoutSafetensors, readMetadata, writeSafetensors } from "@fewstep/core";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model = "";
beforeAll(() => {
  model = testModel("sd15-tiny");
});
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => folder.remove());

const bytesOf = (name: string) => Uint8Array.from(readFileSync(join(folder.path, name)));
const generate = (prompt: string, ...args: readonly string[]) =>
  folder.run(["generate", prompt, "--model", model, "--steps", "1", "--seed", "1", "--size", "64x64", ...args]);

async function writeEmbedding(name: string, vectors: number, width: number, value = 0.5) {
  const data = Float32Array.from({ length: vectors * width }, (_, i) => value * Math.sin(i));
  const tensor = { name: "emb_params", dtype: "f32", shape: [vectors, width] } as const;
  const parts: Uint8Array[] = [];
  const layout = layoutSafetensors([{ ...tensor, chunks: () => [new Uint8Array(data.buffer)] }]);
  for await (const part of writeSafetensors(layout)) parts.push(part);
  writeFileSync(join(folder.path, name), Buffer.concat(parts));
}

async function pixels(prompt: string, ...args: readonly string[]) {
  const { code, stderr } = await generate(prompt, ...args, "--out", "out.png", "--force");
  expect(code, stderr).toBe(0);
  return { data: (await decodePng(bytesOf("out.png"))).data, stderr };
}

test("an embedding is found by its name in the folders, by both grammars, and its hash is said", async () => {
  mkdirSync(join(folder.path, "embeddings", "neg"), { recursive: true });
  await writeEmbedding("embeddings/neg/bad-hand.safetensors", 2, 128);
  const words = await pixels("a cat bad-hand");
  expect((await folder.run(["config", "embedding", "embeddings"])).code).toBe(0);
  const named = await pixels("a cat bad-hand");
  expect(named.data).not.toEqual(words.data);
  const { reading } = await readMetadata(bytesOf("out.png"));
  const sha256 = createHash("sha256").update(bytesOf("embeddings/neg/bad-hand.safetensors")).digest("hex");
  expect(reading?.settings.embeddings).toEqual([
    { name: "bad-hand", hash: sha256.slice(0, 12), file: "neg/bad-hand", sha256 },
  ]);
  const { entries } = await readMetadata(bytesOf("out.png"));
  expect(entries.find(({ keyword }) => keyword === "parameters")?.text).toContain(
    `TI hashes: "bad-hand: ${sha256.slice(0, 12)}"`,
  );
  const comfy = await pixels("a cat embedding:neg/bad-hand", "--grammar", "comfyui");
  expect(comfy.data).toEqual(named.data);
  const unknown = await pixels("a cat embedding:good-hand", "--grammar", "comfyui");
  expect(unknown.stderr).toContain('no embedding is called "good-hand"');
});

test("an embedding of another model is words in running text, and an error where it is asked for", async () => {
  mkdirSync(join(folder.path, "embeddings"));
  await writeEmbedding("embeddings/cat.safetensors", 1, 768);
  await folder.run(["config", "embedding", "embeddings"]);
  const { stderr } = await pixels("a cat");
  expect(stderr).toContain("is no textual inversion for");
  expect(stderr).toContain("its name is read as words");
  for (const args of [
    ["a embedding:cat", "--grammar", "comfyui"],
    ["a cat", "--embedding", "embeddings/cat.safetensors"],
  ]) {
    const asked = await generate(args[0]!, ...args.slice(1), "--out", "none.png");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/found: "?emb_params"? .*768.*\n +expected: one tensor 128 wide/);
  }
});

test("an embedding that is there as a pickle alone is told in running text, and an error where it is asked for", async () => {
  mkdirSync(join(folder.path, "embeddings"));
  writeFileSync(join(folder.path, "embeddings", "bad-hand.pt"), "never read");
  await folder.run(["config", "embedding", "embeddings"]);
  const said = /"bad-hand" is there as a pickle alone, which is not read \("bad-hand\.pt"\)/;
  const words = await pixels("a cat, Bad-Hand");
  expect(words.stderr).toMatch(said);
  expect(words.stderr).toContain("its name is read as words; opening a pickle can run code");
  expect((await pixels("a cat, bad-handle")).stderr).not.toContain("pickle");
  const linted = await folder.run(["lint", "a cat, bad-hand", "--model", model, "--steps", "20", "--cfg", "7"]);
  expect(linted.stderr).toMatch(said);
  for (const args of [
    ["a embedding:bad-hand", "--grammar", "comfyui"],
    ["a cat", "--embedding", "bad-hand"],
    ["a cat", "--embedding", "bad-hand.pt"],
  ]) {
    const asked = await generate(args[0]!, ...args.slice(1), "--out", "none.png");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/found: "?bad-hand\.pt"?\n +expected: "bad-hand\.safetensors"/);
  }
  await writeEmbedding("embeddings/bad-hand.safetensors", 1, 128);
  expect((await pixels("a cat, bad-hand")).stderr).not.toContain("pickle");
});

test.each([
  ["too-long", 76, 128, 0.5, "has more vectors than a chunk has places"],
  ["broken", 1, 128, Number.NaN, "a weight is no number"],
])("an embedding that is %s is refused", async (name, vectors, width, value, says) => {
  await writeEmbedding(`${name}.safetensors`, vectors, width, value);
  const { code, stderr } = await generate(`a ${name}`, "--embedding", `${name}.safetensors`, "--out", "none.png");
  expect([code, folder.files()]).toEqual([2, [`${name}.safetensors`]]);
  expect(stderr).toContain(says);
});

test("choices and wildcards are made for each picture from its seed, the same again", async () => {
  mkdirSync(join(folder.path, "cards"));
  writeFileSync(join(folder.path, "cards", "place.txt"), "on the moon\nin a {forest|wood}\n");
  const run = async (out: string, ...args: readonly string[]) => {
    const { code, stdout, stderr } = await generate("a {cat|dog|owl} __place__", ...args, "--json", "--out", out);
    expect(code, stderr).toBe(0);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { prompt: string; seed: string; path: string });
  };
  const all = await run("all.png", "--wildcards", "cards", "--count", "6");
  expect(all.map(({ path }) => path)).toEqual([1, 2, 3, 4, 5, 6].map((seed) => `all-${seed}.png`));
  expect(new Set(all.map(({ prompt }) => prompt)).size).toBeGreaterThan(1);
  for (const { prompt } of all) expect(prompt).toMatch(/^a (cat|dog|owl) (on the moon|in a (forest|wood))$/);
  const [again] = await run("again.png", "--wildcards", "cards", "--seed", "4");
  expect(again!.prompt).toBe(all[3]!.prompt);
  const [plain] = await run("plain.png");
  expect(plain!.prompt).toBe("a {cat|dog|owl} __place__");
});

test("plan, lint and compare make the choices of the picture of a seed", async () => {
  mkdirSync(join(folder.path, "cards"));
  writeFileSync(join(folder.path, "cards", "place.txt"), "on the moon\nin a {forest|wood}\n");
  const asked = ["a {cat|dog|owl} __place__", "--model", model, "--steps", "1", "--cfg", "7", "--size", "64x64"];
  const chosen = ["--wildcards", "cards", "--seed", "5", "--count", "3"];
  const lines = async (command: string, ...args: readonly string[]) => {
    const { code, stdout, stderr } = await folder.run([command, ...asked, ...chosen, "--json", ...args]);
    expect(code, stderr).toBe(0);
    return stdout.trim().split("\n");
  };
  const prompts = (json: readonly string[]) => json.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
  const made = prompts(await lines("generate", "--out", "{seed}.png"));
  expect(prompts(await lines("plan"))).toEqual(made);
  const table = await folder.run(["plan", ...asked, ...chosen]);
  expect(table.stdout).toContain(`seed 7: ${made[2]}`);
  const text = "a {cat|[cat:dog:0.5]}";
  const seedOf = (wanted: string) =>
    Array.from({ length: 50 }, (_, i) => i).find((seed) => expandChoices(text, { seed }) === wanted)!;
  const changes = async (...args: readonly string[]) => {
    const lora = ["--lora", testModel("sd15-lcm-like"), "--accelerator", "lcm"];
    const json = await folder.run(["lint", text, "--model", model, ...lora, "--choices", "--json", ...args]);
    return json.stdout.includes("prompt-change-coarse");
  };
  expect(await changes("--seed", String(seedOf("a cat")))).toBe(false);
  expect(await changes("--seed", String(seedOf("a [cat:dog:0.5]")))).toBe(true);
  expect(await changes("--seed", String(seedOf("a cat")), "--count", "20")).toBe(true);
  const compare = ["compare", "--out", "grid", "--model", model, "--prompt", asked[0]!, "--seeds", "5,6,7"];
  const grid = [...compare, "--steps", "1", "--sizes", "64x64", "--no-reference", "--wildcards", "cards", "--json"];
  const { code, stdout, stderr } = await folder.run(grid);
  expect(code, stderr).toBe(0);
  const { cells } = JSON.parse(stdout) as { readonly cells: readonly { readonly settings: { prompt: string } }[] };
  expect(cells.map(({ settings }) => settings.prompt)).toEqual(made);
});

test.each([
  [["--choices"], "no lines are known for the wildcard"],
  [["--wildcards", "nowhere"], "the wildcards cannot be read"],
  [["--choices", "--one-generator"], "pictures of one generator are made together"],
])("%j is refused", async (args, says) => {
  const { code, stderr } = await generate("a {cat|dog} __place__", ...args, "--out", "none.png");
  expect([code, folder.files()]).toEqual([2, []]);
  expect(stderr).toContain(says);
});

test("compel's weights below 1, and another weighting", async () => {
  const plain = await pixels("a cat in a hat", "--grammar", "compel");
  expect((await pixels("a cat in a (hat)0.5", "--grammar", "compel")).data).not.toEqual(plain.data);
  const weighted = await pixels("a (cat:1.4) in a hat");
  expect((await pixels("a (cat:1.4) in a hat", "--weighting", "interpolate")).data).not.toEqual(weighted.data);
  expect((await pixels("a (cat:1.4) in a hat", "--weighting", "none")).data).toEqual(plain.data);
});
