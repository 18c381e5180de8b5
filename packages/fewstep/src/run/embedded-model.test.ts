import { describe, expect, it } from "vitest";
import { testModel } from "../test-models.test.fixture.js";
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
    // a sampler of one's own, or a tool's, has its own schedule
    expect(by.schedule).toBeUndefined();
    const { options: likeOther } = await withEmbeddedModel({ ...written, like: "comfyui" });
    expect(likeOther).toMatchObject({ steps: 25, cfg: [3] });
    expect(likeOther.schedule).toBeUndefined();
    const { options: plain } = await withEmbeddedModel({ ...written, accelerator: "none" });
    expect(plain).toMatchObject({ accelerator: "none", steps: 25, cfg: [3] });
    const { options: few } = await withEmbeddedModel({ ...written, steps: 4 });
    // the picture of 25 steps is the same whether they are said or not
    expect(few).toMatchObject({ steps: 4, cfg: [3], sampler: "ddim", schedule: "trailing" });
    const { options: listed } = await withEmbeddedModel({ ...written, timesteps: [999, 499] });
    expect(listed).toMatchObject({ cfg: [3] });
    for (const key of ["steps", "sampler", "schedule"]) expect(listed).not.toHaveProperty(key);
  });
  it("a LoRA in the prompt may be an accelerator, whose settings it leaves room for", async () => {
    for (const text of ["1girl <lora:tiny-lcm:1>", "1girl <LyCO:x:0.5>"]) {
      const { options } = await withEmbeddedModel(written, ["1girl", text]);
      expect(Object.keys(options).sort()).toEqual(["count", "embedding", "lora", "model"]);
    }
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
  it("an accelerator's name goes beside a style", async () => {
    const style = { file: testModel("sd15-lora-kohya"), strengthUnet: 0.5 };
    const { options } = await withEmbeddedModel({ ...written, accelerator: "lcm", lora: [style] });
    expect(options.lora[0]).toEqual(style);
    expect(options.lora[1]!.file).toMatch(/tiny-lcm\.safetensors$/);
  });
  it("another accelerator, a LoRA of the user's and a named model stay as they were written", async () => {
    const pcm = await withEmbeddedModel({ ...written, accelerator: "pcm-4" });
    expect(pcm.options).toMatchObject({ accelerator: "pcm-4", lora: [] });
    const own = await withEmbeddedModel({ ...written, accelerator: "lcm", lora: [{ file: "mine.safetensors" }] });
    expect(own.options.lora).toEqual([{ file: "mine.safetensors" }]);
    const { tinyLora } = await import("@fewstep/tiny/model");
    const other = { file: (await tinyLora("hyper"))!.path };
    const two = await withEmbeddedModel({ ...written, accelerator: "lcm", lora: [other] });
    expect(two.options.lora).toEqual([other]);
    const named = { ...written, model: "mine.safetensors" };
    expect(await withEmbeddedModel(named)).toEqual({ options: named });
  });
});
