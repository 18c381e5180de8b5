import { expect, test } from "vitest";
import { CLIP_MERGES } from "./clip-merges.js";
import { clipTokenizer } from "./clip-tokenizer.js";
import { type PromptOptions, parsePrompt } from "./parse-prompt.js";
import type { PromptPlan } from "./prompt-plan.js";

const tokenizer = clipTokenizer(CLIP_MERGES);
const read = (text: string, options: Partial<PromptOptions> = {}): PromptPlan =>
  parsePrompt(text, { steps: 4, encoders: [{ tokenizer }, { tokenizer, pad: 0 }], ...options });
/** Used tokens with their weights, of one encoder over all windows of a range. */
const used = (plan: PromptPlan, part = 0, range = 0, encoder = 0) =>
  plan.parts[part]!.ranges[range]!.encoders[encoder]!.flatMap(([encoding]) =>
    encoding!.ids.slice(1, encoding!.used + 1).map((id, i) => [id, encoding!.weights[i + 1]]),
  );

test("a weighted prompt for SDXL's two encoders, which differ in padding only", () => {
  const plan = read("a (cat:1.2)");
  expect(plan).toMatchObject({ grammar: "a1111", weighting: "a1111", networks: [], notes: [], prompt: "a (cat:1.2)" });
  expect(plan.parts).toHaveLength(1);
  expect(plan.parts[0]!.ranges.map(({ lastStep }) => lastStep)).toEqual([4]);
  for (const encoder of [0, 1])
    expect(used(plan, 0, 0, encoder)).toEqual([
      [320, 1],
      [2368, 1.2],
    ]);
  const [l, g] = plan.parts[0]!.ranges[0]!.encoders.map(([window]) => window![0]!.ids.slice(3, 6));
  expect([l, g]).toEqual([
    [49407, 49407, 49407],
    [49407, 0, 0],
  ]);
});

test("tags, AND, schedule and emphasis in one prompt", () => {
  const plan = read("<lora:lcm:0.8>[a:(cat):0.5] AND dog :0.5");
  expect(plan.networks.map(({ name, strengths }) => [name, strengths?.unet])).toEqual([["lcm", 0.8]]);
  expect(
    plan.parts.map(({ weight, ranges }) => [weight, ranges.map(({ lastStep, text }) => [lastStep, text])]),
  ).toEqual([
    [
      1,
      [
        [2, "a"],
        [4, "(cat)"],
      ],
    ],
    [0.5, [[4, " dog"]]],
  ]);
  expect(used(plan, 0, 1)).toEqual([[2368, 1.1]]);
});

test("the same text is read otherwise by each grammar", () => {
  const text = "((cat:1.2)) [a:b:2]";
  expect(used(read(text))[0]).toEqual([2368, 1.32]);
  expect(used(read(text, { grammar: "comfyui" }))[0]).toEqual([2368, 1.2]);
  expect(read(text, { grammar: "comfyui" }).parts[0]!.ranges).toHaveLength(1);
  expect(used(read(text, { grammar: "plain" })).every(([, weight]) => weight === 1)).toBe(true);
  expect(used(read("a cat--", { grammar: "compel" }))).toEqual([
    [320, 1],
    [2368, 0.81],
  ]);
});

test("compel: a word of less weight is also masked, a conjunction is two windows", () => {
  const [[window]] = read("a cat-", { grammar: "compel" }).parts[0]!.ranges[0]!.encoders as [
    [PromptPlan["parts"][0]["ranges"][0]["encoders"][0][0]],
  ];
  expect(window.map(({ masked }) => masked)).toEqual([[], [2]]);
  expect(window.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(read('("a", "b").and(1, 0.5)', { grammar: "compel" }).parts[0]!.ranges[0]!.encoders[0]).toHaveLength(2);
});

test("textual inversions: by bare name in A1111, by embedding:name in ComfyUI, unknown ones said", () => {
  const embeddings = new Map([
    ["bad-hands", 2],
    ["bad", 1],
  ]);
  const encoders = [{ tokenizer, embeddings }];
  const a1111 = read("a Bad-Hands cat", { encoders });
  expect(a1111.parts[0]!.ranges[0]!.encoders[0]![0]![0]!.vectors).toEqual([
    { at: 2, name: "bad-hands", vector: 0 },
    { at: 3, name: "bad-hands", vector: 1 },
  ]);
  const comfyui = read("(a embedding:bad, cat:1.3) embedding:nosuch b", { encoders, grammar: "comfyui" });
  expect(comfyui.parts[0]!.ranges[0]!.encoders[0]![0]![0]!.vectors).toEqual([{ at: 2, name: "bad", vector: 0 }]);
  expect(used(comfyui)).toEqual([
    [320, 1.3],
    [0, 1.3],
    [267, 1.3],
    [2368, 1.3],
    [321, 1],
  ]);
  expect(comfyui.notes).toEqual([{ code: "embedding-unknown", name: "nosuch" }]);
});

test("an encoder whose textual inversion is shorter is given empty windows", () => {
  const plan = read("long ".repeat(2), {
    encoders: [
      { tokenizer, embeddings: new Map([["long", 75]]) },
      { tokenizer, embeddings: new Map([["long", 1]]) },
    ],
  });
  expect(plan.parts[0]!.ranges[0]!.encoders.map((windows) => windows.map(([one]) => one!.used))).toEqual([
    [75, 75],
    [2, 0],
  ]);
});

test("what is cut off is said", () => {
  expect(read("cat ".repeat(80), { grammar: "plain" }).notes).toMatchObject([{ code: "tokens-cut", cut: 5 }]);
  expect(read("cat ".repeat(80)).notes).toEqual([]);
});

test("a plan is plain JSON, and equal for equal input", () => {
  const plan = read("[a|b] (c:0.5)", { choices: { seed: 5 } });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(read("[a|b] (c:0.5)", { choices: { seed: 5 } })).toEqual(plan);
});

test("equal texts of an alternation are encoded once", () => {
  const { ranges } = read("[a|b]", { steps: 1000 }).parts[0]!;
  expect(ranges).toHaveLength(1000);
  expect(new Set(ranges.map(({ encoders }) => encoders)).size).toBe(2);
});

test.each([0, 1.5, Number.NaN, -1])("steps %s are refused", (steps) => {
  expect(() => read("a", { steps })).toThrow(/no count/);
});

test("a grammar that nobody knows is refused, also one that every object has", () => {
  for (const grammar of ["midjourney", "constructor"])
    expect(() => read("a", { grammar: grammar as "a1111" })).toThrow(/no grammar/);
});
