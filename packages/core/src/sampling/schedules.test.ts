import { expect, test } from "vitest";
import { wholeSchedule } from "./plan.js";
import { dropPenultimate, type ScheduleName, scheduleNames } from "./schedules.js";

const comfy = (schedule: ScheduleName, steps: number) => wholeSchedule({ schedule, steps, profile: "comfyui" }).sigmas;

// Four steps of each, to four decimals, as published for ComfyUI and A1111.
test.each<[ScheduleName, readonly number[]]>([
  ["sgm_uniform", [14.6146, 4.0861, 1.6156, 0.6951, 0]],
  ["normal", [14.6146, 2.9183, 0.9324, 0.0292, 0]],
  ["simple", [14.6146, 4.0817, 1.6129, 0.6932, 0]],
  ["karras", [14.6146, 3.1686, 0.4469, 0.0292, 0]],
  ["exponential", [14.6146, 1.84, 0.2317, 0.0292, 0]],
  ["kl_optimal", [14.6146, 1.5971, 0.5729, 0.0292, 0]],
  ["ddim_uniform", [4.1167, 1.6237, 0.6984, 0.0413, 0]],
  ["turbo", [14.6146, 8.3028, 5.0878, 3.3211, 0]],
  ["lcm_sgm_uniform", [14.6146, 4.1708, 1.6679, 0.7325, 0]],
  ["lcm", [14.6146, 4.2606, 1.6129, 0.7194, 0]],
  ["beta", [14.6146, 5.6866, 1.6183, 0.5154, 0]],
  ["ays_sd15", [14.6146, 3.2266, 1.3944, 0.5094, 0]],
  ["ays_sdxl", [14.6146, 2.8669, 0.8621, 0.2977, 0]],
  ["gits", [14.6146, 2.3633, 0.9219, 0.3662, 0]],
])("%s", (name, expected) => {
  comfy(name, 4).forEach((sigma, i) => {
    expect(sigma).toBeCloseTo(expected[i]!, 4);
  });
});

test("every schedule descends and has one timestep per step, at one to thirty steps", () => {
  for (const name of scheduleNames) {
    for (let steps = 2; steps <= 30; steps++) {
      if (name === "turbo" && steps > 10) continue;
      const { sigmas, timesteps } = wholeSchedule({ schedule: name, steps });
      expect(sigmas.every((sigma, i) => i === 0 || sigma < sigmas[i - 1]!)).toBe(true);
      expect(timesteps.length).toBe(name === "log_linear" ? sigmas.length - 2 : sigmas.length - 1);
    }
  }
});

test("linspace means a grid with t = 0, the same rounded, or one without t = 0", () => {
  const timesteps = (sampler: "euler" | "ddim" | "dpmpp_2m") =>
    wholeSchedule({ sampler, schedule: "linspace", steps: 8 }).timesteps;
  expect(timesteps("euler").slice(-2)).toEqual([142.71428571428572, 0]);
  expect(timesteps("ddim").slice(-2)).toEqual([143, 0]);
  expect(timesteps("dpmpp_2m").slice(-2)).toEqual([250, 125]);
});

test("trailing rounds halves to even and never gives -1", () => {
  expect(wholeSchedule({ schedule: "trailing", steps: 3 }).timesteps).toEqual([999, 666, 332]);
  for (let steps = 1; steps <= 1000; steps++) {
    const { timesteps } = wholeSchedule({ schedule: "trailing", steps });
    expect(timesteps.length).toBe(steps);
    expect(timesteps[steps - 1]).toBeGreaterThanOrEqual(0);
  }
});

test("the penultimate sigma is dropped", () => {
  expect(dropPenultimate({ sigmas: [3, 2, 1, 0], timesteps: [30, 20, 10] })).toEqual({
    sigmas: [3, 2, 0],
    timesteps: [30, 20],
  });
});

test.each<[ScheduleName, number]>([
  ["kl_optimal", 1],
  ["gits", 1],
  ["turbo", 11],
])("%s of %i steps does not exist", (schedule, steps) => {
  expect(() => wholeSchedule({ schedule, steps })).toThrow(expect.objectContaining({ code: "undefined-schedule" }));
});

test("LCM has no more steps than its grid", () => {
  expect(() => wholeSchedule({ schedule: "lcm", steps: 51 })).toThrow(
    expect.objectContaining({ code: "too-many-steps" }),
  );
});
