import { expect, test } from "vitest";
import { resolveSampler, resolveSchedule, samplerNameTable, scheduleNameTable } from "./names.js";

test.each([
  ["DPM++ 2M Karras", { sampler: "dpmpp_2m", schedule: { name: "karras" } }],
  [
    "DPM++ 2M SDE Heun Exponential",
    { sampler: "dpmpp_2m_sde", schedule: { name: "exponential" }, settings: { solver: "heun" } },
  ],
  ["Euler a", { sampler: "euler_ancestral" }],
  ["euler_ancestral", { sampler: "euler_ancestral" }],
  ["dpmpp_2m_karras", { sampler: "dpmpp_2m", schedule: { name: "karras" } }],
  ["LCMScheduler", { sampler: "lcm" }],
  ["DPM++ 2S a Karras", { sampler: "dpmpp_2s_ancestral", schedule: { name: "karras" } }],
])("%s", (name, means) => {
  expect(resolveSampler(name, "a1111")).toEqual(means);
});

test("every name in the tables resolves, or is refused by name", () => {
  for (const { tool, name, means } of samplerNameTable) {
    if (means !== undefined) expect(resolveSampler(name, tool)).toEqual(means);
    else expect(() => resolveSampler(name, tool)).toThrow(expect.objectContaining({ code: "unsupported-sampler" }));
  }
  for (const { tool, name, means } of scheduleNameTable) {
    if (means !== undefined) expect(resolveSchedule(name, tool)).toEqual(means);
    else expect(() => resolveSchedule(name, tool)).toThrow(expect.objectContaining({ code: "unsupported-schedule" }));
  }
});

test("the same word means another curve in another tool", () => {
  expect(resolveSchedule("beta", "comfyui")).toEqual({ name: "beta" });
  expect(resolveSchedule("Beta", "a1111")).toEqual({ name: "beta_sigmas" });
  expect(resolveSchedule("a1111: Beta")).toEqual({ name: "beta_sigmas" });
  expect(resolveSchedule("comfyui:beta", "a1111")).toEqual({ name: "beta" });
  // a schedule behind a sampler's name is one of the sampler's tool
  expect(resolveSampler("DPM++ 2M Beta").schedule).toEqual({ name: "beta_sigmas" });
  expect(resolveSampler("dpmpp_2m beta").schedule).toEqual({ name: "beta" });
});

test("what a tool keeps apart for SDXL is kept apart", () => {
  expect(resolveSchedule("Align Your Steps", "a1111")).toEqual({ name: "ays_sd15_rounded" });
  expect(resolveSchedule("Align Your Steps", "a1111", "sdxl")).toEqual({ name: "ays_sdxl_rounded" });
  expect(resolveSchedule("align_your_steps", "comfyui", "sdxl")).toEqual({ name: "ays_sdxl" });
  expect(resolveSampler("DPM++ 2M Align Your Steps", "a1111", "sdxl").schedule).toEqual({ name: "ays_sdxl_rounded" });
  expect(resolveSchedule("ays_sd15", "fewstep", "sdxl")).toEqual({ name: "ays_sd15" });
});

test("a misspelling is answered with the nearest names", () => {
  expect(() => resolveSampler("eular a")).toThrow(
    expect.objectContaining({ code: "unknown-sampler", hint: expect.stringContaining("Euler a") }),
  );
  expect(() => resolveSchedule("karas")).toThrow(expect.objectContaining({ hint: "did you mean karras or Karras?" }));
});

test("hostile names are refused quickly", () => {
  expect(() => resolveSampler("a ".repeat(1e6))).toThrow(expect.objectContaining({ code: "unknown-sampler" }));
  expect(() => resolveSampler("__proto__")).toThrow(expect.objectContaining({ code: "unknown-sampler" }));
  expect(() => resolveSampler("")).toThrow(expect.objectContaining({ code: "unknown-sampler" }));
});
