import { describe, expect, it } from "vitest";
import { withEmbeddedModel } from "./embedded-model.js";
import type { RequestOptions } from "./request-options.js";

const written: RequestOptions = { count: 1, lora: [], embedding: [] };

describe("without --model", () => {
  it("the embedded one is taken, with its usual settings where nothing was said", async () => {
    const { options, note } = await withEmbeddedModel(written);
    expect(options.model).toMatch(/tiny\.safetensors$/);
    expect(options).toMatchObject({ steps: 25, cfg: [3], sampler: "ddim", schedule: "trailing", lora: [] });
    expect(note).toContain("embedded");
    const { options: by } = await withEmbeddedModel({ ...written, cfg: [2], sampler: "euler" });
    expect(by).toMatchObject({ steps: 25, cfg: [2], sampler: "euler" });
    const { options: plain } = await withEmbeddedModel({ ...written, accelerator: "none" });
    expect(plain).toMatchObject({ accelerator: "none", steps: 25, cfg: [3] });
    const { options: few } = await withEmbeddedModel({ ...written, steps: 4 });
    expect(few.steps).toBe(4);
    expect(few.cfg).toBeUndefined();
  });
  it("an accelerator's name means its own LoRA", async () => {
    for (const [name, variant] of [
      ["lcm", "lcm"],
      ["lightning", "lightning-4"],
      ["hyper", "hyper-4"],
      ["turbo", "turbo"],
    ] as const) {
      const { options } = await withEmbeddedModel({ ...written, accelerator: name, steps: 2 });
      expect(options.accelerator).toBe(variant);
      expect(options.lora.map(({ file }) => file.replace(/^.*\//, ""))).toEqual([`tiny-${name}.safetensors`]);
      expect(options.steps).toBe(2);
    }
  });
  it("another accelerator, a LoRA of the user's and a named model stay as they were written", async () => {
    const pcm = await withEmbeddedModel({ ...written, accelerator: "pcm-4" });
    expect(pcm.options).toMatchObject({ accelerator: "pcm-4", lora: [] });
    const own = await withEmbeddedModel({ ...written, accelerator: "lcm", lora: [{ file: "mine.safetensors" }] });
    expect(own.options.lora).toEqual([{ file: "mine.safetensors" }]);
    const named = { ...written, model: "mine.safetensors" };
    expect(await withEmbeddedModel(named)).toEqual({ options: named });
  });
});
