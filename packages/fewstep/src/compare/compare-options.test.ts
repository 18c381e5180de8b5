import { describe, expect, it } from "vitest";
import { type CompareFlags, requestOfFlags, words } from "./compare-options.js";

const flags: CompareFlags = { model: ["m"], lora: [], prompt: ["a cat"] };

describe("requestOfFlags", () => {
  it("has the fields of a file", () => {
    const request = requestOfFlags({
      ...flags,
      lora: ["lcm=some/lcm.safetensors", "ink.safetensors:0.6", "hyper-8-cfg=C:\\x.safetensors"],
      accelerators: words("accelerators")("lcm, hyper-8-cfg"),
      steps: [2, 4],
      choices: true,
      wildcards: "cards",
      seeds: words("seeds")("1,18446744073709551615"),
      reference: false,
    });
    expect(request).toEqual({
      models: ["m"],
      prompts: ["a cat"],
      loras: [
        { file: "some/lcm.safetensors", is: "lcm" },
        { file: "ink.safetensors", strength: 0.6 },
        { file: "C:\\x.safetensors", is: "hyper-8-cfg" },
      ],
      accelerators: ["lcm", "hyper-8-cfg"],
      steps: [2, 4],
      choices: true,
      wildcards: "cards",
      seeds: ["1", "18446744073709551615"],
      reference: false,
    });
  });

  it("takes the guide's prompts unless others are given", () => {
    expect(requestOfFlags({ ...flags, prompt: [], guide: true })).toEqual({ guide: true, models: ["m"] });
    expect(requestOfFlags({ ...flags, guide: true })).toMatchObject({ guide: true, prompts: ["a cat"] });
  });

  it("leaves the guide's model open: the embedded one", () => {
    expect(requestOfFlags({ ...flags, model: [], prompt: [], guide: true })).toEqual({ guide: true, models: [] });
  });

  it("refuses axes beside the guide, since its runs have their own values", () => {
    const guided = (changes: Partial<CompareFlags>) => () => requestOfFlags({ ...flags, guide: true, ...changes });
    const refused = expect.objectContaining({ code: "guide-and-axes" });
    expect(guided({ steps: [4] })).toThrow(refused);
    expect(guided({ accelerators: ["lcm"] })).toThrow(refused);
    expect(guided({ sizes: ["512x512", "768x768"] })).toThrow(refused);
    expect(guided({ sizes: ["512x512"], seeds: ["1"] })).not.toThrow();
  });

  it("refuses what is missing or no such value", () => {
    const code = (changes: Partial<CompareFlags>) => () => requestOfFlags({ ...flags, ...changes });
    expect(code({ prompt: [] })).toThrow(expect.objectContaining({ code: "prompt-missing" }));
    expect(requestOfFlags({ ...flags, model: [] })).toMatchObject({ models: [] });
    expect(code({ steps: [1.5] })).toThrow(expect.objectContaining({ code: "bad-comparison" }));
    expect(code({ cfg: [0] })).toThrow(expect.objectContaining({ code: "bad-comparison" }));
    expect(() => words("seeds")("1,,2")).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
