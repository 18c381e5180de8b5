import { expect, test } from "vitest";
import { translateSampler, translateSchedule } from "./sampler-names.js";

test.each([
  ["Euler a", "a1111", "comfyui", "euler_ancestral"],
  ["dpmpp_2m", "comfyui", "a1111", "DPM++ 2M"],
  ["k_dpmpp_2s_ancestral", "novelai", "a1111", "DPM++ 2S a"],
  ["lcm", "invokeai", "a1111", "LCM"],
  ["lcm", "a1111", "comfyui", "lcm"],
  ["LCM", "a1111", "novelai", undefined],
  ["euler_dy", "comfyui", "a1111", undefined],
  ["__proto__", "comfyui", "a1111", undefined],
] as const)("sampler %s from %s to %s", (name, from, to, expected) =>
  expect(translateSampler(name, from, to)).toBe(expected),
);

test("schedules", () => {
  expect(translateSchedule("SGM Uniform", "a1111", "comfyui")).toBe("sgm_uniform");
  expect(translateSchedule("ddim_uniform", "comfyui", "a1111")).toBe("DDIM");
  expect(translateSchedule("Automatic", "a1111", "comfyui")).toBeUndefined();
});
