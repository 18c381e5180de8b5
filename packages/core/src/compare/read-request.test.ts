import { describe, expect, it } from "vitest";
import { readCompareRequest } from "./read-request.js";

const read = (value: unknown) => () => readCompareRequest(value);
const good = { models: ["m"], prompts: ["a cat"] };
const bad = (found: string) =>
  expect.objectContaining({ code: "bad-comparison", found: expect.stringContaining(found) as unknown });

describe("readCompareRequest", () => {
  it("reads short and long forms", () => {
    const value = {
      ...good,
      loras: ["lcm.safetensors", { file: "x", is: "tcd" }],
      prompts: ["a", { prompt: "b", negative: "c" }],
      seeds: [1, "18446744073709551615"],
      reference: false,
    };
    expect(readCompareRequest(value)).toEqual({
      ...value,
      loras: [{ file: "lcm.safetensors" }, { file: "x", is: "tcd" }],
    });
  });

  it("names the place of what is wrong", () => {
    expect(read({ ...good, stpes: [2] })).toThrow(bad('stpes: "stpes"'));
    expect(read({ ...good, steps: [2, 0] })).toThrow(bad("steps[1]: 0"));
    expect(read({ ...good, cfg: [0] })).toThrow(bad("cfg[0]: 0"));
    expect(read({ ...good, seeds: [1.5] })).toThrow(bad("seeds[0]: 1.5"));
    expect(read({ ...good, sizes: ["512"] })).toThrow(bad('sizes[0]: "512"'));
    expect(read({ ...good, prompts: [{ prompt: "a", negativ: "b" }] })).toThrow(bad('prompts[0].negativ: "negativ"'));
    expect(read({ ...good, loras: [{ is: "lcm" }] })).toThrow(bad("loras[0]: no file"));
    expect(read({ models: ["m"] })).toThrow(bad("the comparison: no prompts"));
    expect(read({ models: [], prompts: ["a"] })).toThrow(bad("models: "));
    expect(read("text")).toThrow(bad("the comparison: "));
    expect(read({ ...good, reference: true })).toThrow(bad("reference: true"));
  });

  it("needs no model: there is one of fewstep's own", () => {
    expect(readCompareRequest({ prompts: ["a"] }).models).toEqual([]);
  });

  it("does not touch prototypes", () => {
    expect(read(JSON.parse('{"models":["m"],"prompts":["a"],"__proto__":{"steps":[1]}}'))).toThrow(bad("__proto__"));
  });

  it("shows the first five problems and counts the rest", () => {
    expect(read({ ...good, steps: Array.from({ length: 8 }, () => 0) })).toThrow(bad("and 3 more"));
  });
});
