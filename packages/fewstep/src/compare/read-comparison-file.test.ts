import { expect, it } from "vitest";
import { parseComparison } from "./read-comparison-file.js";

const parse = (text: string) => () => parseComparison(text, "grid.yaml");
const bad = (found: string) =>
  expect.objectContaining({ code: "bad-comparison", found: expect.stringContaining(found) as unknown });

it("reads YAML and JSON alike", () => {
  const yaml = `
title: LCM # what it is
models: [sd15.safetensors]
loras:
  - lcm.safetensors
  - { file: x.safetensors, is: tcd }
steps: [2, 4]
prompts:
  - a cat
  - prompt: a dog
    negative: blurry
choices: true
wildcards: cards
seeds: [1, "18446744073709551615"]
`;
  const read = parseComparison(yaml, "grid.yaml");
  expect(read).toEqual({
    title: "LCM",
    models: ["sd15.safetensors"],
    loras: [{ file: "lcm.safetensors" }, { file: "x.safetensors", is: "tcd" }],
    steps: [2, 4],
    prompts: ["a cat", { prompt: "a dog", negative: "blurry" }],
    choices: true,
    wildcards: "cards",
    seeds: [1, "18446744073709551615"],
  });
  expect(parseComparison(JSON.stringify(read), "grid.json")).toEqual(read);
});

it("names line and column of what is wrong", () => {
  const base = "models: [m]\nprompts: [a cat]\n";
  expect(parse(`${base}stpes: [4]\n`)).toThrow(bad("grid.yaml:3:1: stpes"));
  expect(parse(`${base}steps: [4, none]\n`)).toThrow(bad('grid.yaml:3:12: steps[1]: "none"'));
  expect(parse(`models: [m]\nprompts:\n  - a\n  - prompt: b\n    negativ: c\n`)).toThrow(
    bad("grid.yaml:5:5: prompts[1].negativ"),
  );
  expect(parse("models: [a]\n")).toThrow(bad("grid.yaml:1:1: the comparison: no prompts"));
  expect(parse("")).toThrow(bad("the comparison"));
});

it("names the place of broken YAML and JSON", () => {
  expect(parse("models: [m\nprompts: [a]\n")).toThrow(bad("grid.yaml:2:"));
  expect(parse('{"models": ["m"], "prompts": ["a"}')).toThrow(bad("grid.yaml:1:"));
  expect(parse("models: &a [m]\nmodels: [n]\n")).toThrow(bad("grid.yaml:2:1"));
});

it("refuses piled-up aliases and touches no prototype", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`);
  expect(parse(`a0: &a0 [x]\n${levels.join("\n")}\n`)).toThrow(bad("alias"));
  expect(parse("models: [m]\nprompts: [a]\n__proto__: { steps: [1] }\n")).toThrow(bad("__proto__"));
  expect(({} as { steps?: unknown }).steps).toBeUndefined();
});
