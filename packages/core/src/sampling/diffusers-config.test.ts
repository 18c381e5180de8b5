import { expect, test } from "vitest";
import { diffusersSchedulers, optionsOfDiffusersScheduler } from "./diffusers-config.js";
import { planSampling } from "./plan.js";

test("every class with an empty config makes a plan", () => {
  for (const name of Object.keys(diffusersSchedulers)) {
    const { rows } = planSampling({ ...optionsOfDiffusersScheduler(name, {}), steps: 8 });
    expect(rows.length).toBeGreaterThanOrEqual(8);
  }
});

test("Stable Diffusion 1.5's own scheduler config", () => {
  const options = optionsOfDiffusersScheduler("PNDMScheduler", {
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: "scaled_linear",
    skip_prk_steps: true,
    set_alpha_to_one: false,
    steps_offset: 1,
    trained_betas: null,
  });
  expect(planSampling({ ...options, steps: 4 }).rows.map((row) => row.timestep)).toEqual([751, 501, 501, 251, 1]);
});

test.each([
  ["EulerDiscreteScheduler", { timestep_spacing: "sideways" }],
  ["EulerDiscreteScheduler", { beta_start: "0.1" }],
  ["DDIMScheduler", { thresholding: true }],
  ["DPMSolverMultistepScheduler", { algorithm_type: "dpmsolver" }],
  ["DPMSolverMultistepScheduler", { use_flow_sigmas: true }],
  ["DPMSolverMultistepScheduler", { lambda_min_clipped: -5 }],
  ["EulerDiscreteScheduler", { prediction_type: "flow_prediction" }],
])("%s refuses %j", (name, config) => {
  expect(() => optionsOfDiffusersScheduler(name, config)).toThrow(
    expect.objectContaining({ code: "unsupported-scheduler-config" }),
  );
});

test("an unknown class is refused, prototype names too", () => {
  for (const name of ["NoScheduler", "toString", "__proto__"]) {
    expect(() => optionsOfDiffusersScheduler(name, {})).toThrow(expect.objectContaining({ code: "unknown-scheduler" }));
  }
});
