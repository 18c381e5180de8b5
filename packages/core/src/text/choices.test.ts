import { expect, test } from "vitest";
import { type ChoiceOptions, expandChoices } from "./choices.js";

const wildcards = new Map([
  ["colour", ["red", "green", "{dark|light} blue"]],
  ["art/style", ["oil"]],
  ["bomb", ["__bomb__ __bomb__"]],
]);
const many = (prompt: string, count = 3_000): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < count; seed++) {
    const text = expandChoices(prompt, { seed, wildcards });
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
};
const code = (prompt: string, options: ChoiceOptions = { seed: 1, wildcards }): unknown => {
  try {
    return expandChoices(prompt, options);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("a seed is a text; these three are pinned, so that a recipe stays one", () => {
  const prompt = "a {red|green|blue} {cat|dog} in __colour__";
  expect([1, 2, 2 ** 40].map((seed) => expandChoices(prompt, { seed, wildcards }))).toMatchInlineSnapshot(`
    [
      "a blue dog in red",
      "a green cat in red",
      "a red cat in dark blue",
    ]
  `);
});

test("choices are even, weights count, nests are choices of choices", () => {
  for (const count of many("{a|b|c}").values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  expect(many("{a|b|c}").size).toBe(3);
  const weighted = many("{3::a|b|0::c}");
  expect(weighted.has("c")).toBe(false);
  expect(Math.abs(weighted.get("a")! - 2250)).toBeLessThan(120);
  expect([...many("{a|{b|c}d}").keys()].sort()).toEqual(["a", "bd", "cd"]);
  expect([...many("{|x}").keys()].sort()).toEqual(["", "x"]);
});

test("wildcards, also in lines and in choices", () => {
  expect([...many("__colour__").keys()].sort()).toEqual(["dark blue", "green", "light blue", "red"]);
  expect([...many("{__art/style__|b}").keys()].sort()).toEqual(["b", "oil"]);
});

test("what is no choice stays as it is", () => {
  for (const text of ["{a", "a}", "a|b", "__", "____", "_x_", "snake_case_word", "}{", "{a|{b"])
    expect(code(text)).toBe(text);
  expect(code("{a}")).toBe("a");
});

test("refused: unknown names, wildcards that grow without end, depth", () => {
  expect(code("__nosuch__")).toBe("wildcard-unknown");
  expect(code("__constructor__", { seed: 1 })).toBe("wildcard-unknown");
  expect(code("__bomb__")).toBe("prompt-too-deep");
  expect(code("{a|b}".repeat(10_001))).toBe("prompt-too-many-choices");
  expect(code("{".repeat(300))).toBe("prompt-too-deep");
});
