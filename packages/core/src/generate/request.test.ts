// Plans of runs that start from a picture, have a second pass, or guide attention: what is filled in, and what is refused.
import { describe, expect, it } from "vitest";
import { families } from "../families/family.js";
import { emptyPixels } from "../image/pixels.js";
import type { PassSampling } from "./hires-request.js";
import { type GenerateRequest, type PlanFacts, planGenerate, secondPass } from "./request.js";

const FACTS: PlanFacts = {
  family: families.sd15,
  prediction: "epsilon",
  zeroTerminalSnr: false,
  embeddedGuidance: false,
};
const base: GenerateRequest = { prompt: "a", sampling: { steps: 8 } };
const plan = (request: Partial<GenerateRequest>, facts: Partial<PlanFacts> = {}) =>
  planGenerate({ ...FACTS, ...facts }, { ...base, ...request });
const picture = emptyPixels(77, 130);
const mask = { width: 77, height: 130, data: new Float32Array(77 * 130) };

describe("planGenerate", () => {
  it("takes its size from the picture, the multiple of 8 below", () => {
    const { width, height, init } = plan({ init: { picture } });
    expect([width, height, init]).toEqual([72, 128, { strength: 0.8, fit: "stretch", encode: "sample" }]);
    expect(plan({ init: { picture }, width: 512 }).width).toBe(512);
    expect(plan({ init: { picture: emptyPixels(3, 3) } }).width).toBe(8);
  });

  it("keeps the strength's part of the steps; with a mask all of them", () => {
    const rows = (request: Partial<GenerateRequest>) => plan(request).sampling.rows.length;
    expect(rows({ init: { picture } })).toBe(6);
    expect(rows({ init: { picture, strength: 0.5 } })).toBe(4);
    expect(rows({ init: { picture }, mask: { mask } })).toBe(8);
    expect(() => plan({ init: { picture, strength: 0.1 } })).toThrow(
      expect.objectContaining({ code: "strength-too-low" }),
    );
    expect(() => plan({ init: { picture, strength: 1.5 } })).toThrow(expect.objectContaining({ code: "bad-strength" }));
  });

  it("is plain JSON, without the pictures", () => {
    const made = plan({
      init: { picture },
      hires: { scale: 2 },
      seamless: "xy",
      negative: "b",
      nag: {},
    });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    expect(JSON.stringify(made)).not.toContain("picture");
    expect(made.nag).toEqual({ scale: 3, tau: 2.5, alpha: 0.5 });
  });

  it("plans a second pass of its own steps, strength, guidance and size", () => {
    const { hires } = plan({ width: 104, height: 64, guidance: 2, hires: { scale: 1.5, steps: 6, guidance: 3 } });
    expect([hires!.width, hires!.height]).toEqual([152, 96]);
    expect(hires!.sizes).toEqual([96, 152, 0, 0, 96, 152]);
    expect(hires!.sampling.rows.map(({ guidance }) => guidance)).toEqual([3, 3, 3]);
  });

  it("takes the first pass' sampler and guidance where the second has none of its own", () => {
    const { sampling, hires } = plan({
      guidance: 2,
      sampling: { timesteps: [999, 759, 499, 259], sampler: "lcm" },
      hires: { scale: 2 },
    });
    expect(hires!.sampling.sampler).toEqual(sampling.sampler);
    expect(hires!.sampling.rows).toEqual(sampling.rows.slice(2));
    const other = plan({ sampling: { timesteps: [999, 499] }, hires: { scale: 2, steps: 4 } });
    expect(other.hires!.sampling.builtSteps).toBe(4);
  });

  it("keeps the checkpoint's prediction in a second pass with a sampling of its own", () => {
    const { hires } = plan({ hires: { scale: 2, sampling: { steps: 4, sampler: "ddim" } } }, { prediction: "v" });
    expect(hires!.sampling).toMatchObject({ prediction: { type: "v" }, sampler: { name: "ddim" } });
  });

  it("fills what a second pass' own sampling leaves open from the first", () => {
    const listed = { timesteps: [999, 749, 499, 249], sampler: "tcd", settings: { gamma: 0.5 } } as const;
    const second = (sampling: PassSampling) =>
      plan({ sampling: listed, hires: { scale: 2, strength: 1, sampling } }).hires!.sampling;
    expect(second({ settings: { gamma: 0.2 } }).sampler).toMatchObject({ name: "tcd", gamma: 0.2 });
    expect(second({ timesteps: [800, 400] }).rows.map(({ timestep }) => timestep)).toEqual([800, 400]);
    const euler = second({ sampler: "euler", schedule: "karras" });
    expect([euler.sampler.name, euler.sampler.gamma, euler.rows.length]).toEqual(["euler", undefined, 4]);
    expect(second({ sampler: "lcm", steps: 3 }).rows).toHaveLength(3);
  });

  it("gives a UNet with a guidance embedding the second pass' guidance as an input", () => {
    const made = plan({ guidance: 4, hires: { scale: 2, guidance: 7 } }, { embeddedGuidance: true });
    expect([made.embeddedGuidance, made.hires!.embeddedGuidance]).toEqual([4, 7]);
    expect(made.hires!.sampling.rows.every(({ guidance }) => guidance === 1)).toBe(true);
    expect(secondPass(made, made.hires!)).toMatchObject({ embeddedGuidance: 7, width: 1024, hires: undefined });
  });

  it.each([
    ["mask-needs-a-picture", { mask: { mask } }],
    ["bad-blur", { init: { picture }, mask: { mask, blur: -1 } }],
    ["bad-blur", { init: { picture }, mask: { mask, blur: Number.NaN } }],
    ["hires-with-mask", { init: { picture }, mask: { mask }, hires: { scale: 2 } }],
    ["bad-hires-scale", { hires: { scale: 0 } }],
    ["bad-hires-scale", { hires: { scale: Number.NaN } }],
    ["bad-size", { hires: { scale: 1000 } }],
    ["bad-size", { hires: { width: 513, height: 512 } }],
    ["strength-too-low", { hires: { scale: 2, strength: 0.01 } }],
    ["bad-guidance", { hires: { scale: 2, guidance: 0 } }],
    ["nag-needs-a-negative", { nag: {} }],
    ["bad-nag", { negative: "b", nag: { scale: 0.5 } }],
    ["bad-nag", { negative: "b", nag: { alpha: 2 } }],
    ["bad-nag", { negative: "b", nag: { tau: Number.NaN } }],
  ] as const)("refuses with %s", (code, request) => {
    expect(() => plan(request as Partial<GenerateRequest>)).toThrow(expect.objectContaining({ code }));
  });
});
