import fc from "fast-check";
import { expect, test } from "vitest";
import { createNoiseSchedule, nearestTimestep, sigmaAt, timestepAt } from "./noise-schedule.js";

const noise = createNoiseSchedule();

test("the Stable Diffusion table has its published ends", () => {
  expect(noise.alphaBar[0]).toBeCloseTo(0.99915, 12);
  expect(noise.sigmas[0]).toBeCloseTo(0.0291671582, 10);
  expect(noise.sigmas[999]).toBeCloseTo(14.6146412293, 9);
  expect(noise.sigmas[800]).toBeCloseTo(5.1110276582, 9);
});

test("t(sigma(t)) is t when both are linear in ln sigma", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 999, noNaN: true }), (t) => {
      expect(timestepAt(noise, sigmaAt(noise, t, "log-sigma"))).toBeCloseTo(t, 6);
    }),
  );
});

test("the nearest timestep is an integer within one half in ln sigma", () => {
  expect(nearestTimestep(noise, sigmaAt(noise, 749.25, "log-sigma"))).toBe(749);
  expect(nearestTimestep(noise, 1e-9)).toBe(0);
  expect(nearestTimestep(noise, 1e9)).toBe(999);
});

test("diffusers interpolates sigma, others its logarithm", () => {
  const low = noise.sigmas[10]!;
  const high = noise.sigmas[11]!;
  expect(sigmaAt(noise, 10.5, "sigma")).toBeCloseTo((low + high) / 2, 14);
  expect(sigmaAt(noise, 10.5, "log-sigma")).toBeCloseTo(Math.sqrt(low * high), 14);
});

test("zero terminal SNR in each library's variant", () => {
  const last = (zeroTerminalSnr: "exact" | "capped" | "comfyui") =>
    createNoiseSchedule({ zeroTerminalSnr }).sigmas[999]!;
  expect(last("exact")).toBe(Infinity);
  expect(last("capped")).toBeCloseTo(4095.9998779, 6);
  expect(last("comfyui")).toBeCloseTo(4518.7636986, 6);
});

test("the rescale leaves the first timestep alone", () => {
  expect(createNoiseSchedule({ zeroTerminalSnr: "exact" }).alphaBar[0]).toBeCloseTo(0.99915, 12);
});

test.each([
  { trainTimesteps: 1 },
  { trainTimesteps: 1.5 },
  { trainTimesteps: 1e9 },
  { betas: [0.1, 0, 0.2] },
  { betas: [0.1, Number.NaN] },
])("refuses %j", (options) => {
  expect(() => createNoiseSchedule(options)).toThrow(expect.objectContaining({ code: "bad-noise-schedule" }));
});
