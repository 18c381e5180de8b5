import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readA1111 } from "./a1111.js";
import { parsePairs } from "./a1111-pairs.js";
import { writeA1111 } from "./a1111-write.js";
import { readLoraTags, writeLoraTag } from "./lora-tags.js";
import { splitScheduleName } from "./schedule-names.js";

const GOLDEN = new URL("../../../../../test/golden/data/metadata/", import.meta.url);
const RAW = readdirSync(GOLDEN)
  .filter((name) => /^(?:a1111|forge).*\.json$/.test(name))
  .map((name) => [name, (JSON.parse(readFileSync(new URL(name, GOLDEN), "utf8")) as { raw: string }).raw] as const);

describe("writing", () => {
  test("there are texts to write", () => expect(RAW.length).toBeGreaterThan(12));

  test.each(RAW)("%s: what was read is written and read the same", (_, raw) => {
    const { settings } = readA1111(raw);
    const { schedule, hashes, civitaiResources, ...kept } = settings;
    const again = readA1111(writeA1111(settings)).settings;
    expect(again).toMatchObject(kept);
    // The pairs say "Automatic" where nothing was said; Civitai's additions are not written.
    expect(again.schedule).toBe(schedule);
    expect([again.hashes, again.civitaiResources]).toEqual([undefined, undefined]);
    expect([hashes === undefined, civitaiResources === undefined]).toEqual([
      !raw.includes("Hashes: {"),
      !raw.includes("Civitai"),
    ]);
  });

  test.each(RAW.filter(([name]) => /lcm|unicode|forge|no-negative|jpeg|after/.test(name)))(
    "%s: the text is the same",
    (_, raw) => {
      expect(writeA1111(readA1111(raw).settings)).toBe(raw);
    },
  );

  test("hostile values survive the quotes", () => {
    const settings = {
      prompt: "p",
      negative: "",
      steps: 0,
      sampler: 'a "b", c: d\n\\',
      schedule: " padded ",
      cfg: 0,
      seed: "18446744073709551615",
      model: "[x], y: z",
      clipSkip: 1,
      rng: "GPU",
      loras: [],
    };
    expect(readA1111(writeA1111(settings)).settings).toEqual(settings);
  });

  test("LoRAs without a tag get one", () => {
    const loras = [
      { name: "a", strength: 0.5, hash: "00ff00ff00ff" },
      { name: "b", strength: 1, strengthClip: 0 },
    ];
    const settings = { prompt: "x <lora:a:0.5>", steps: 4, cfg: 1, seed: "1", loras };
    const text = writeA1111(settings);
    expect(text.split("\n")[0]).toBe("x <lora:a:0.5> <lora:b:0:1>");
    expect(readA1111(text).settings.loras).toEqual(loras);
  });
});

describe("reading", () => {
  const pairs = "Steps: 24, Sampler: Euler a, Size: 640x980";
  test.each([
    [`a dog.Negative prompt: bad.${pairs}`, "a dog.", "bad."],
    [`a dog, Negative prompt: bad, ${pairs}`, "a dog,", "bad,"],
    [`a dog ${pairs}`, "a dog", ""],
    [`steps: 1 2 3\n${pairs}`, "steps: 1 2 3", ""],
    [`a\r\nNegative prompt: b\r\n${pairs}`, "a", "b"],
    [`Negative prompt: only\n${pairs}`, "", "only"],
    [pairs, "", ""],
  ])("%j", (raw, prompt, negative) => {
    const { settings } = readA1111(raw);
    expect([settings.prompt, settings.negative, settings.steps, settings.width]).toEqual([prompt, negative, 24, 640]);
  });

  test("a value that only looks like pairs does not split the line", () => {
    const { settings } = readA1111(
      `p\nSteps: 8, Sampler: LCM, Hires steps: 15, Hires prompt: "x Steps: 3, Sampler: y, Size: 1x1"`,
    );
    expect([settings.prompt, settings.steps, settings.hires]).toEqual([
      "p",
      8,
      { steps: 15, prompt: "x Steps: 3, Sampler: y, Size: 1x1" },
    ]);
  });

  test("pairs", () => {
    expect(parsePairs('a: 1, ab: "x, y", cd: "open, ef:, gh: {"k": [1, 2]}, ij: {bad, k-l/m n: [z')).toEqual([
      ["ab", "x, y"],
      ["cd", '"open'],
      ["ef", ""],
      ["gh", '{"k": [1, 2]}'],
      ["ij", "{bad"],
      ["k-l/m n", "[z"],
    ]);
  });

  test("numbers that are none are left out", () => {
    const { settings } = readA1111("p\nSteps: many, CFG scale: nan, Seed: x, Size: 0x, Clip skip: 1e999");
    expect(settings).toEqual({ prompt: "p", negative: "", loras: [], clipSkip: 1, rng: "GPU", schedule: "Automatic" });
  });

  test.each([
    ["DPM++ 2M Karras", ["DPM++ 2M", "Karras"]],
    ["Euler SGM Uniform", ["Euler", "SGM Uniform"]],
    ["Euler a", ["Euler a", undefined]],
    ["Karras", ["Karras", undefined]],
  ])("%s", (name, expected) => expect(splitScheduleName(name)).toEqual(expected));
});

describe("LoRA tags", () => {
  test.each([
    ["<lora:a>", [{ name: "a", strength: 1 }]],
    ["<lora:a b.c:-0.5>", [{ name: "a b.c", strength: -0.5 }]],
    ["<lora:a:0>", [{ name: "a", strength: 0 }]],
    ["<lora:a:0.5:1>", [{ name: "a", strength: 1, strengthClip: 0.5 }]],
    ["<lora:a:te=0.5:unet=1>", [{ name: "a", strength: 1, strengthClip: 0.5 }]],
    ["<lora:a:nan><lora:b:0x1><lora::1><lora:c:1e999><lora:d", []],
  ])("%s", (prompt, expected) => expect(readLoraTags(prompt, new Map())).toEqual(expected));

  test("a written tag reads back", () => {
    for (const lora of [
      { name: "x", strength: 0.3 },
      { name: "x", strength: 1, strengthClip: 0 },
    ]) {
      expect(readLoraTags(writeLoraTag(lora), new Map())).toEqual([lora]);
    }
  });
});

describe("time is linear", () => {
  // Each text is built to make a backtracking or rescanning reader take minutes; 4 times the text may take some 4 times as long.
  const builders: Readonly<Record<string, (n: number) => string>> = {
    "dots before Steps": (n) => `x${". ".repeat(n)}Steps: 5`,
    "open brackets": (n) => "aa: [".repeat(n),
    "open brackets in strings": (n) => `aa: [${'"aa: [",'.repeat(n)}`,
    "open quotes": (n) => 'aa: "\\", '.repeat(n),
    "key letters": (n) => `${"a ".repeat(n)};`,
    "Steps again and again": (n) => `x ${"Steps: 1, ".repeat(n)}`,
    "open tags": (n) => `${"<lora:".repeat(n)}\nSteps: 1, Sampler: a, Size: 1x1`,
    spaces: (n) => `Steps:${" ".repeat(n)}1, Sampler: a, Size: 1x1`,
    "Negative prompts": (n) => `${"Negative prompt:\n".repeat(n)}Steps: 1, Sampler: a, Size: 1x1`,
  };
  test.each(Object.entries(builders))("%s", (_, build) => {
    const started = performance.now();
    readA1111(build(50_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
