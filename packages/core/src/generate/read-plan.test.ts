// Every plan that fewstep makes is read back as it was; every field is checked, so that a stranger's plan cannot do harm.
import { describe, expect, it } from "vitest";
import { families } from "../families/family.js";
import { emptyPixels } from "../image/pixels.js";
import { samplerNames } from "../sampling/sampler-definitions.js";
import { readPlan } from "./read-plan.js";
import { type GenerateRequest, type PlanFacts, planGenerate } from "./request.js";
import { likeTool, toolNames } from "./tool-habits.js";

const facts = (prediction: "epsilon" | "v" = "epsilon"): PlanFacts => ({
  family: families.sd15,
  prediction,
  zeroTerminalSnr: false,
  embeddedGuidance: false,
});
const plan = (request: Partial<GenerateRequest> = {}) =>
  planGenerate(facts(), { prompt: "a cat", seeds: [7], sampling: { steps: 4 }, ...request });
const picture = emptyPixels(64, 64);
const again = (made: object) => readPlan(JSON.stringify(made));

describe("readPlan", () => {
  it.each(samplerNames)("%s: plans of every tool's habits come back the same", (sampler) => {
    for (const tool of toolNames) {
      const request = { prompt: "a cat", seeds: [7], guidance: 2, sampling: { steps: 12, sampler } } as const;
      const made = planGenerate(facts(), likeTool(tool, request, "sd15"));
      expect(again(made)).toEqual(made);
    }
  });

  it("pictures, masks, second passes, attention guidance, lists and zero terminal SNR too", () => {
    const requests: readonly Partial<GenerateRequest>[] = [
      { init: { picture, strength: 0.5 } },
      { init: { picture }, mask: { mask: { width: 64, height: 64, data: new Float32Array(64 * 64) } } },
      { hires: { scale: 1.5, upscale: "pixel" }, negative: "x", seamless: "xy", nag: { scale: 4 } },
      { sampling: { timesteps: [999, 499] }, guidance: [2, 1], clipSkip: 2, weighting: "a1111-no-norm" },
      { sampling: { steps: 8, sampler: "euler", settings: { churn: { amount: 1 } } } },
    ];
    for (const request of requests) {
      const made = plan(request);
      expect(again(made)).toEqual(made);
    }
    const zsnr = planGenerate(facts("v"), {
      prompt: "",
      sampling: { steps: 4, sampler: "ddim", zeroTerminalSnr: true },
    });
    expect(again(zsnr)).toEqual(zsnr);
  });

  const whole = plan({ negative: "x", hires: { scale: 2 } });
  const at = (path: string, value: unknown) => {
    const copy = JSON.parse(JSON.stringify(whole)) as Record<string, never>;
    const names = path.split(".");
    const last = names.pop()!;
    const owner = names.reduce<Record<string, never>>((one, name) => one[name]!, copy);
    Object.assign(owner, { [last]: value });
    return JSON.stringify(copy);
  };

  it.each([
    ["width", 513],
    ["width", 1e9],
    ["height", "512"],
    ["prompt", 7],
    ["prompt", "a\0b"],
    ["clipSkip", 0],
    ["grammar", "__proto__"],
    ["schedule", "mine"],
    ["sampling.rows", []],
    ["sampling.rows.0.sigma", null],
    ["sampling.rows.0.sigma", "Infinity"],
    ["sampling.rows.1.guidance", 0],
    ["sampling.rows.0.draws", 1e6],
    ["sampling.rows.0.surprise", 1],
    ["sampling.sampler.name", "constructor"],
    ["sampling.sampler.gamma", 0.3],
    ["sampling.noise.seeds", []],
    ["sampling.noise.seeds", ["0x10"]],
    ["sampling.noise.source", "toString"],
    ["sampling.prediction.type", "flow"],
    ["hires.sampling.rows", 3],
    ["hires.width", -8],
    ["nag", { scale: 3, tau: 2 }],
    ["picture", 1],
    ["newer", true],
  ])("%s as %j is refused", (path, value) => {
    expect(() => readPlan(at(path, value))).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^(bad-plan|unused-setting)$/) }),
    );
  });

  it.each(["", "{", "null", "[]", '"plan"', "{}"])("%j is no plan", (json) => {
    expect(() => readPlan(json)).toThrowError(expect.objectContaining({ code: "bad-plan" }));
  });
});
