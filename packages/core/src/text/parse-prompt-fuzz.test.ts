// 100,000 prompts made of the grammars' own pieces, by grammar and by what comes of them. A seed and a counter make each input.
import { expect, test } from "vitest";
import { FewstepError } from "../errors.js";
import { CLIP_MERGES } from "./clip-merges.js";
import { clipTokenizer } from "./clip-tokenizer.js";
import { type PromptOptions, parsePrompt } from "./parse-prompt.js";
import { PROMPT_LIMITS } from "./prompt-limits.js";
import type { PromptGrammar, PromptPlan } from "./prompt-plan.js";

const COUNT = 100_000;
const GRAMMARS: readonly PromptGrammar[] = ["a1111", "a1111", "comfyui", "compel", "plain"];

/** mulberry-style counter hash: reproducible from (seed, input). */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = () => number;
const one = <T>(draw: Draw, of: readonly T[]): T => of[Math.floor(draw() * of.length)]!;

const WORDS = [
  "cat",
  "a",
  "red fox",
  "1girl, solo",
  "猫",
  "😀",
  "é",
  "-",
  "ratio 16:9",
  "BREAK",
  "AND",
  "and",
  "\ud800",
  "\u0000",
  " ",
  "\n",
  "",
];
const NUMBERS = [
  "1.2",
  "0.5",
  "0",
  "-1",
  ".5",
  "2.",
  "1e1",
  "1.2.3",
  "3",
  "1e309",
  "nan",
  "inf",
  "",
  " 0.7 ",
  "+1",
  "0.999999",
];
const STRAYS = [
  "(",
  ")",
  "[",
  "]",
  ":",
  "|",
  "\\",
  "<",
  ">",
  "{",
  "}",
  "__",
  '"',
  "+",
  "--",
  "\\(",
  "\\)",
  ",",
  ".",
  "=",
  "::",
];
const TERMINALS: readonly ((draw: Draw) => string)[] = [
  (draw) => one(draw, WORDS),
  (draw) => one(draw, WORDS),
  (draw) => one(draw, STRAYS),
  (draw) => `<lora:${one(draw, ["x", "my style", "../../x", "名前", ""])}:${one(draw, NUMBERS)}>`,
  (draw) => `embedding:${one(draw, ["easy", "long", "nosuch", "easy,"])} `,
  () => "easy",
  (draw) => one(draw, ["__colour__", "__nosuch__", "__loop__"]),
  (draw) => "word, ".repeat(Math.floor(draw() * 60)),
];
const NESTS: readonly ((inner: () => string, draw: Draw) => string)[] = [
  (inner) => `(${inner()})`,
  (inner, draw) => `(${inner()}:${one(draw, NUMBERS)})`,
  (inner) => `[${inner()}]`,
  (inner, draw) => `[${inner()}:${inner()}:${one(draw, NUMBERS)}]`,
  (inner, draw) => `[${inner()}:${one(draw, NUMBERS)}]`,
  (inner) => `[${inner()}|${inner()}]`,
  (inner) => `{${inner()}|${inner()}}`,
  (inner, draw) => `(${inner()})${one(draw, ["+", "--", "1.3", "0.5"])}`,
  (inner) => `"${inner()}"`,
  (inner, draw) =>
    `("${inner()}", "${inner()}").${one(draw, ["and", "blend", "swap"])}(${one(draw, NUMBERS)}, ${one(draw, NUMBERS)})`,
  (inner, draw) => `${inner()} AND ${inner()} :${one(draw, NUMBERS)}`,
  (inner) => `${inner()} BREAK ${inner()}`,
  (inner, draw) => one(draw, ["(", "[", "{", "\\"]).repeat(Math.floor(draw() * 300)) + inner(),
];

function prompt(draw: Draw, depth: number): string {
  const pieces: string[] = [];
  do {
    const nest = depth < 4 && draw() < 0.5;
    pieces.push(nest ? one(draw, NESTS)(() => prompt(draw, depth + 1), draw) : one(draw, TERMINALS)(draw));
  } while (draw() < 0.4);
  return pieces.join(one(draw, ["", " ", ", "]));
}

/** Damages a prompt: cuts, doubles or exchanges a stretch. */
function damaged(text: string, draw: Draw): string {
  const a = Math.floor(draw() * text.length);
  const b = a + Math.floor(draw() * 8);
  return one(draw, [
    text.slice(0, a) + text.slice(b),
    text.slice(0, b) + text.slice(a),
    text.slice(0, a) + one(draw, STRAYS) + text.slice(b),
  ]);
}

const tokenizer = clipTokenizer(CLIP_MERGES);
const wildcards = new Map([
  ["colour", ["red", "{green|blue}"]],
  ["loop", ["__loop__ __loop__"]],
]);
const embeddings = new Map([
  ["easy", 3],
  ["long", 76],
]);

function options(draw: Draw): PromptOptions {
  const steps = 1 + Math.floor(draw() * 8);
  return {
    grammar: one(draw, GRAMMARS),
    steps,
    encoders: [
      { tokenizer, embeddings },
      { tokenizer, pad: 0 },
    ],
    ...(draw() < 0.2 ? { firstPassSteps: 4 } : {}),
    ...(draw() < 0.3 ? { choices: { seed: Math.floor(draw() * 2 ** 53), wildcards } } : {}),
  };
}

/** What every plan promises. */
function broken(plan: PromptPlan, { steps, encoders }: PromptOptions): string | undefined {
  for (const { weight, ranges } of plan.parts) {
    if (!Number.isFinite(weight)) return "weight of a part";
    if (ranges.at(-1)?.lastStep !== steps) return "last step";
    for (const [i, { lastStep, encoders: filled }] of ranges.entries()) {
      if (lastStep <= (ranges[i - 1]?.lastStep ?? 0)) return "order of steps";
      if (filled.length !== encoders.length || new Set(filled.map((windows) => windows.length)).size !== 1)
        return "windows";
      for (const { ids, weights, used, vectors, share } of filled.flat(2)) {
        if (ids.length !== 77 || weights.length !== 77 || ids[0] !== 49406 || ids[used + 1] !== 49407) return "window";
        if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < 49408)) return "ids";
        if (!weights.every(Number.isFinite) || !Number.isFinite(share)) return "weights";
        if (!vectors.every(({ at }) => ids[at] === 0 && at <= used)) return "vectors";
      }
    }
  }
  return undefined;
}

/** All that a plan shows, or the code it was refused with. */
function outcomes(text: string, given: PromptOptions): readonly string[] {
  let plan: PromptPlan;
  try {
    plan = parsePrompt(text, given);
  } catch (error) {
    if (!(error instanceof FewstepError) || error.kind !== "input") throw error;
    return [`refused ${error.code}`];
  }
  const failure = broken(plan, given);
  if (failure !== undefined) throw new Error(`${failure}: ${JSON.stringify(text)}`);
  const encodings = plan.parts.flatMap(({ ranges }) => ranges.flatMap((range) => range.encoders.flat(2)));
  const seen = [
    encodings.some(({ weights }) => weights.some((weight) => weight !== 1)) && "weighted",
    plan.parts.some(({ ranges }) => ranges.length > 1) && "scheduled",
    plan.parts.length > 1 && "composed",
    plan.networks.length > 0 && "networks",
    encodings.some(({ vectors }) => vectors.length > 0) && "embedded",
    encodings.some(({ masked }) => masked.length > 0) && "masked",
    plan.parts.some(({ ranges }) => ranges.some((range) => range.encoders[0]!.length > 1)) && "several windows",
    plan.notes.length > 0 && "noted",
    plan.prompt !== text && "chosen",
  ].filter((name) => name !== false);
  return seen.length === 0 ? ["plain"] : seen;
}

test(`${COUNT} prompts: each read or refused by code, none slow`, () => {
  const counts = new Map<string, number>();
  const start = performance.now();
  let slowest = 0;
  for (let i = 0; i < COUNT; i++) {
    const draw = random(i * 2654435761);
    const made = prompt(draw, 0);
    const text = draw() < 0.3 ? damaged(made, draw) : made;
    const given = options(draw);
    const began = performance.now();
    for (const outcome of outcomes(text, given)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    slowest = Math.max(slowest, performance.now() - began);
  }
  const spread = Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
  console.log(`${Math.round(performance.now() - start)} ms, slowest ${Math.round(slowest)} ms`, spread);
  expect(slowest).toBeLessThan(5_000);
  // a fuzz test that only ever meets one outcome proves nothing
  for (const outcome of [
    "plain",
    "weighted",
    "scheduled",
    "composed",
    "networks",
    "embedded",
    "masked",
    "several windows",
    "noted",
    "chosen",
    "refused prompt-weight-invalid",
    "refused prompt-too-deep",
    "refused prompt-operator-invalid",
    "refused network-tag-invalid",
    "refused wildcard-unknown",
    "refused embedding-too-long",
  ])
    expect([outcome, (counts.get(outcome) ?? 0) > 200]).toEqual([outcome, true]);
  const refused = [...counts].reduce((sum, [name, count]) => sum + (name.startsWith("refused") ? count : 0), 0);
  expect(refused).toBeLessThan(COUNT / 2);
});

// what a service meets from those who wish it ill; every one is answered within seconds, by a plan or by a code
test.each<readonly [string, string]>([
  ["10 MB", "a cat, ".repeat(1_500_000)],
  ["100k round brackets", "(".repeat(100_000)],
  ["100k pairs", `${"(".repeat(100_000)}a${")".repeat(100_000)}`],
  ["100k square brackets", `${"[".repeat(50_000)}a:b:${"0.5]".repeat(30_000)}`],
  ["100k braces", "{a|".repeat(60_000)],
  ["one word", "x".repeat(PROMPT_LIMITS.characters)],
  ["blanks", " ".repeat(PROMPT_LIMITS.characters)],
  ["open tags", "<a:".repeat(60_000)],
  ["quotes", '"'.repeat(PROMPT_LIMITS.characters)],
  ["escaped quotes", `"${'\\"'.repeat(90_000)}`],
  ["BREAK", "BREAK ".repeat(30_000)],
  ["AND", "AND ".repeat(30_000)],
  ["colons", ":".repeat(PROMPT_LIMITS.characters)],
  ["digits", `(a:${"1".repeat(190_000)}`],
  ["alternations", "[a|b]".repeat(30_000)],
  ["switches", Array.from({ length: 10_000 }, (_, i) => `[a:b:${i % 1000}]`).join("")],
  ["stacked wildcards", "__loop__".repeat(20_000)],
  ["underscores", "_".repeat(PROMPT_LIMITS.characters)],
  ["dots", ". ".repeat(50_000)],
  ["combining marks", `a${"\u0301\u0323".repeat(90_000)}`],
  ["signs", "a+".repeat(90_000)],
  ["one long sign", `a${"+".repeat(150_000)}`],
  ["embedding names", "easy ".repeat(39_000)],
  ["embedding marks", "embedding:".repeat(19_000)],
])("hostile: %s", (_, text) => {
  for (const grammar of new Set(GRAMMARS))
    for (const choices of [undefined, { seed: 1, wildcards }]) {
      const began = performance.now();
      outcomes(text, {
        grammar,
        steps: 1000,
        encoders: [{ tokenizer, embeddings }],
        ...(choices === undefined ? {} : { choices }),
      });
      expect(performance.now() - began).toBeLessThan(10_000);
    }
});
