// The options of a request: every part of sampling and noise can be asked for, and what cannot be read is refused by the option's name.
import { families, planGenerate } from "@fewstep/core";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addRequestOptions, type RequestOptions, requestOf, seedsOf } from "./request-options.js";

function asked(...args: readonly string[]) {
  const command = addRequestOptions(new Command()).exitOverride();
  return command.parse(args, { from: "user" }).opts<RequestOptions>();
}
const request = (...args: readonly string[]) => requestOf("a", asked("--steps", "4", ...args), 7n, "sd15");
const planned = (...args: readonly string[]) =>
  planGenerate(
    { family: families.sd15, prediction: "epsilon", zeroTerminalSnr: false, embeddedGuidance: false },
    request(...args),
  );

describe("sampling", () => {
  test("settings of samplers and schedules by name, beside those that names bring", () => {
    const set = "noise-scale=0.5,order=3,lowerOrderFinal=false,solver=heun";
    expect(request("--sampler", "dpmpp_2m_sde_heun", "--sampler-set", set).sampling).toMatchObject({
      sampler: "dpmpp_2m_sde",
      settings: { noiseScale: 0.5, order: 3, lowerOrderFinal: false, solver: "heun" },
    });
    expect(planned("--sampler", "tcd", "--gamma", "0.7").sampling.sampler).toMatchObject({ gamma: 0.7 });
    expect(planned("--sampler", "euler", "--sampler-set", "churn=4:0.1:10").sampling.sampler.churn).toEqual({
      amount: 4,
      from: 0.1,
      to: 10,
    });
    const restart = planned("--sampler", "restart", "--schedule", "karras", "--sampler-set", "restarts=0.3:6:3:2");
    expect(restart.sampling.rows).toHaveLength(4 + 2 * 2);
    const rows = planned("--schedule", "karras", "--schedule-set", "rho=3,sigma-max=10,sigma-min=0.1").sampling.rows;
    expect([rows[0]!.sigma, rows[3]!.sigma]).toEqual([expect.closeTo(10, 9), expect.closeTo(0.1, 9)]);
  });

  test("rescale, time shift, the end, lists, guidance by step", () => {
    expect(planned("--cfg", "5", "--rescale", "0.7").sampling.guidanceRescale).toBe(0.7);
    expect(planned("--time-shift", "250").sampling.rows[0]!.timestep).toBe(249);
    expect(planned("--last", "sigma_min").sampling.rows.at(-1)!.sigmaNext).toBeCloseTo(0.029167, 5);
    expect(planned("--cfg", "5,3,1,1").sampling.rows.map(({ guidance }) => guidance)).toEqual([5, 3, 1, 1]);
    const sigmas = requestOf("a", asked("--sigmas", "10,1,0"), 7n, "sd15");
    expect(sigmas.sampling).toMatchObject({ sigmas: [10, 1, 0] });
  });

  test("names that mean a list of the family", () => {
    const of = (family: "sd15" | "sdxl") => requestOf("a", asked("--schedule", "a1111:Align Your Steps"), 7n, family);
    expect(of("sd15").sampling!.schedule).toEqual({ name: "ays_sd15_rounded" });
    expect(of("sdxl").sampling!.schedule).toEqual({ name: "ays_sdxl_rounded" });
  });

  test.each([
    ["--sampler-set", "speed=3", "bad-option"],
    ["--sampler-set", "order", "bad-option"],
    ["--sampler-set", "order=high", "bad-option"],
    ["--sampler-set", "solver=euler", "bad-option"],
    ["--sampler-set", "lowerOrderFinal=1", "bad-option"],
    ["--sampler-set", "churn=1:2:3:4", "bad-option"],
    ["--sampler-set", "restarts=1:2", "bad-option"],
    ["--sampler-set", "__proto__=1", "bad-option"],
    ["--sampler-set", "order=3", "unused-setting"],
    ["--schedule-set", "rho=3", "bad-option"],
    ["--rescale", "2", "bad-sampling-option"],
    ["--time-shift", "0", "bad-sampling-option"],
    ["--last", "one", "bad-option"],
    ["--weighting", "heavy", "bad-option"],
  ])("%s %s is refused: %s", (option, value, code) => {
    expect(() => planned(option, value)).toThrow(expect.objectContaining({ code }));
  });

  test.each(["rho=0", "sigma-min=20", "sigma-min=20,sigma-max=10", "sigma-max=0", "steps-offset=0.5", "rho=1e9"])(
    "--schedule-set %s has no schedule",
    (set) => {
      expect(() => planned("--schedule", "karras", "--schedule-set", set)).toThrow(
        expect.objectContaining({ kind: "input" }),
      );
    },
  );

  test.each(["1:0.1:3:2", "0.1:2:1:1", "0.1:2:100:100", "0:2:3:1", "0.1:2:3:0"])("restarts=%s is refused", (climb) => {
    expect(() => planned("--sampler", "restart", "--sampler-set", `restarts=${climb}`)).toThrow(
      expect.objectContaining({ code: "bad-setting" }),
    );
  });
});

test("a list of settings is no longer than the settings are", () => {
  expect(() => request("--sampler-set", "order=3,".repeat(10_000))).toThrow(
    expect.objectContaining({ code: "bad-option" }),
  );
});

describe("noise", () => {
  test("says nothing where nothing is asked", () => expect(request()).not.toHaveProperty("noise"));

  test("source, kind of step noise, offset, one stream for all", () => {
    const { noise } = request("--noise", "philox", "--step-noise", "brownian-tree", "--step-seed-offset", "31337");
    expect(noise).toEqual({ source: "philox", steps: "brownian-tree", stepSeedOffset: "31337" });
    expect(request("--step-source", "philox").noise).toEqual({ stepSource: "philox" });
    expect(request("--one-generator", "--count", "3")).toMatchObject({
      seeds: [7n, 8n, 9n],
      noise: { batch: "one-generator" },
    });
  });

  test("variations keep the seed and count the subseed", () => {
    const args = ["--count", "3", "--subseed", "18446744073709551615", "--subseed-strength", "0.2"];
    expect(request(...args)).toMatchObject({
      seeds: [7n, 7n, 7n],
      noise: { subseeds: ["18446744073709551615", "0", "1"], subseedStrength: 0.2 },
    });
    expect(seedsOf(asked("--count", "2", "--subseed", "3"), 7n)).toEqual([7n, 8n]);
  });

  test.each([
    ["--noise", "cuda"],
    ["--subseed", "-1"],
    ["--subseed-strength", "1.5"],
    ["--step-noise", "none"],
    ["--step-source", "gpu"],
    ["--step-seed-offset", "1.5"],
  ])("%s %s is refused", (option, value) => {
    expect(() => request(option, value)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
