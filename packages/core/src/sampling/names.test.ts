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
  for (const { tool, name, means } of scheduleNameTable) expect(resolveSchedule(name, tool)).toEqual(means);
});

test("the same word means another curve in another tool", () => {
  expect(resolveSchedule("beta", "comfyui")).toEqual({ name: "beta" });
  expect(resolveSchedule("Beta", "a1111")).toEqual({ name: "beta_sigmas" });
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
