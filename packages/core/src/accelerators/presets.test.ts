// The guide's runs in ComfyUI's words, understood; and other tools' words.
import { describe, expect, it } from "vitest";
import { planSampling } from "../sampling/plan.js";
import { presetAsPublished, presetNamed, presetRun, presets, samplingOfTool } from "./presets.js";

describe("presets", () => {
  it("are nine, each of a variant for its base, each plannable both ways", () => {
    expect(presets.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `guide-${n}`));
    for (const preset of presets) {
      const { variant, sampling } = presetRun(preset);
      expect([variant.base, variant.form, variant.name]).toEqual([preset.base, "lora", preset.accelerator]);
      expect(planSampling(sampling).rows.length).toBe(preset.settings.steps);
      expect(planSampling(presetAsPublished(preset).sampling).rows.length).toBe(variant.settings.steps);
    }
  });

  it("run as ComfyUI does: sgm_uniform, its timesteps, its start noise", () => {
    const plan = planSampling(presetRun(presetNamed("guide-3")).sampling);
    // 749.25, 499.5 (a tie: the lower) and 249.75, as the nearest index of its table
    expect(plan.rows.map(({ timestep }) => timestep)).toEqual([999, 749, 499, 250]);
    expect(plan.start.rule).toBe("root");
    expect(plan.rows[0]?.guidance).toBe(2);
  });

  it("refuses unknown names", () => {
    expect(() => presetNamed("guide-10")).toThrow(/no preset/);
  });
});

describe("samplingOfTool", () => {
  it("reads A1111's words", () => {
    const words = { tool: "a1111", steps: 4, cfg: 1, sampler: "Euler a", scheduler: "SGM Uniform" } as const;
    expect(samplingOfTool(words)).toEqual({
      sampler: "euler_ancestral",
      schedule: { name: "sgm_uniform" },
      steps: 4,
      guidance: 1,
      profile: "a1111",
    });
    expect(samplingOfTool({ tool: "a1111", steps: 8, cfg: 2, sampler: "DPM++ SDE Karras" })).toMatchObject({
      sampler: "dpmpp_sde",
      schedule: { name: "karras" },
    });
  });

  it("takes diffusers' guidance 0 for none, and leaves ComfyUI's 0 what it is there", () => {
    expect(samplingOfTool({ tool: "diffusers", steps: 4, cfg: 0, sampler: "LCMScheduler" }).guidance).toBe(1);
    expect(samplingOfTool({ tool: "comfyui", steps: 4, cfg: 0, sampler: "lcm" }).guidance).toBe(0);
  });
});
