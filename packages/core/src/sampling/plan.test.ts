import { expect, test } from "vitest";
import { planSampling } from "./plan.js";
import { samplerNames } from "./sampler-definitions.js";
import type { SamplingOptions } from "./sampling-options.js";

test("a plan is plain JSON, for every sampler", () => {
  for (const sampler of samplerNames) {
    const plan = planSampling({ sampler, steps: 8, prediction: "v" });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  }
});

test("an infinite sigma is named, and survives JSON", () => {
  const plan = planSampling({ sampler: "ddim", steps: 4, prediction: "v", zeroTerminalSnr: true });
  expect(plan.rows[0]!.sigma).toBe("infinite");
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test("Lightning's four steps", () => {
  const { rows, start } = planSampling({ steps: 4 });
  expect(rows.map((row) => row.timestep)).toEqual([999, 749, 499, 249]);
  expect(rows.map((row) => [row.sigmaDown, row.sigmaUp])).toEqual(rows.map((row) => [row.sigmaNext, 0]));
  expect(start).toMatchObject({ rule: "sigma", noise: rows[0]!.sigma });
});

test("TCD's four steps go down to 531, 349, 181 and 0", () => {
  const { rows } = planSampling({ sampler: "tcd", steps: 4 });
  expect(rows.map((row) => [row.timestep, row.downTimestep])).toEqual([
    [999, 531],
    [759, 349],
    [499, 181],
    [259, 0],
  ]);
  expect(rows.map((row) => row.draws)).toEqual([1, 1, 1, 0]);
});

test("DDIM's stride past the next timestep shows as a rescale", () => {
  const factors = (steps: number) => planSampling({ sampler: "ddim", steps }).rows.map((row) => row.rescale);
  expect(factors(4)).toEqual([1, 1, 1, 1]);
  // 666 goes to 333, and 332 is fed next: alpha(333) / alpha(332).
  expect(factors(3)).toEqual([1, expect.closeTo(0.99855, 3), 1]);
});

test("Nitro's shift changes what is fed and nothing else", () => {
  const plain = planSampling({ sampler: "lcm", steps: 2 });
  const shifted = planSampling({ sampler: "lcm", steps: 2, timestepShift: 250 });
  expect(shifted.rows.map((row) => row.timestep)).toEqual([249, 124]);
  expect(shifted.rows.map((row) => row.sigma)).toEqual(plain.rows.map((row) => row.sigma));
});

test("start noise follows the profile", () => {
  const noise = (options: SamplingOptions) => planSampling(options).start.noise;
  expect(noise({ steps: 4, profile: "a1111" })).toBeCloseTo(14.6146412, 6);
  expect(noise({ steps: 4, profile: "comfyui" })).toBeCloseTo(14.6488135, 6);
  expect(noise({ steps: 4, schedule: "leading" })).toBeCloseTo(
    Math.hypot(planSampling({ steps: 4, schedule: "leading" }).rows[0]!.sigma as number, 1),
    12,
  );
  expect(noise({ steps: 4, sampler: "lcm" })).toBe(1);
});

test("strength cuts, stretches, or cuts one less", () => {
  const timesteps = (profile: "diffusers" | "comfyui" | "a1111") =>
    planSampling({ steps: 4, strength: 0.5, profile, schedule: "simple" }).rows.map((row) => Math.round(row.timestep));
  expect(timesteps("diffusers")).toEqual([499, 249]);
  expect(timesteps("comfyui")).toEqual([499, 374, 249, 124]);
  expect(timesteps("a1111")).toEqual([749, 499, 249]);
});

test("a list gives each step its guidance", () => {
  expect(planSampling({ steps: 2, guidance: [3, 1] }).rows.map((row) => row.guidance)).toEqual([3, 1]);
});

test("restart climbs again near the end of long runs", () => {
  const { rows } = planSampling({ sampler: "restart", steps: 20 });
  const climbs = rows.filter((row) => row.renoiseFrom !== undefined);
  expect(climbs.length).toBe(1);
  expect(climbs[0]!.renoiseFrom).toBeLessThan(climbs[0]!.sigma as number);
  expect(rows.length).toBe(20);
  expect(planSampling({ sampler: "restart", steps: 8 }).rows.some((row) => row.renoiseFrom !== undefined)).toBe(false);
});

test.each<[string, SamplingOptions]>([
  ["bad-steps", {}],
  ["bad-steps", { steps: 0 }],
  ["bad-steps", { steps: 2.5 }],
  ["bad-steps", { steps: 4, timesteps: [999] }],
  ["bad-schedule", { timesteps: [499, 999] }],
  ["bad-schedule", { timesteps: [1000] }],
  ["bad-schedule", { sigmas: [14, 14, 0] }],
  ["bad-schedule", { sigmas: [Number.NaN, 0] }],
  ["bad-guidance", { steps: 4, guidance: [1, 2] }],
  ["bad-guidance", { steps: 1, guidance: Number.NaN }],
  ["bad-setting", { steps: 4, sampler: "tcd", settings: { gamma: 1.5 } }],
  ["bad-setting", { steps: 4, sampler: "ddim", settings: { eta: Number.NaN } }],
  ["bad-setting", { steps: 4, sampler: "dpmpp_2m", settings: { order: 4 } }],
  ["bad-setting", { steps: 4, sampler: "dpmpp_2m", settings: { solver: "bh1" } }],
  ["unused-setting", { steps: 4, sampler: "euler", settings: { eta: 1 } }],
  ["strength-too-low", { steps: 4, strength: 0.2 }],
  ["bad-strength", { steps: 4, strength: 2 }],
  ["epsilon-at-infinite-sigma", { steps: 4, sampler: "ddim", zeroTerminalSnr: true }],
  ["sampler-needs-finite-sigma", { steps: 4, prediction: "v", noiseSchedule: { zeroTerminalSnr: "exact" } }],
  ["sampler-needs-positive-end", { steps: 4, sampler: "unipc", settings: { solver: "bh1" } }],
  ["too-few-steps", { steps: 3, sampler: "pndm", settings: { rungeKutta: true } }],
])("%s: %j", (code, options) => {
  expect(() => planSampling(options)).toThrow(expect.objectContaining({ code, kind: "input" }));
});
