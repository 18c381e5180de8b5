// Every switch in which tools differ: set by the tool's name, found by its name in two plans, and overruled by what is stated.
import { describe, expect, it } from "vitest";
import { families } from "../families/family.js";
import { planDifferences, planSwitches } from "./plan-difference.js";
import { type GenerateRequest, type PlanFacts, planGenerate } from "./request.js";
import { requestOfSettings } from "./settings-request.js";
import { likeTool, type ToolName, toolNames } from "./tool-habits.js";

const factsOf = (family: "sd15" | "sdxl"): PlanFacts => ({
  family: families[family],
  prediction: "epsilon",
  zeroTerminalSnr: false,
  embeddedGuidance: false,
});
const request: GenerateRequest = {
  prompt: "a (cat:1.2)",
  seeds: [7],
  guidance: 2,
  sampling: { steps: 4, sampler: "euler_ancestral", schedule: "sgm_uniform" },
};
const planLike = (tool: ToolName, asked: GenerateRequest = request, family: "sd15" | "sdxl" = "sdxl") =>
  planGenerate(factsOf(family), likeTool(tool, asked, family));
const between = (one: ToolName, other: ToolName, asked = request) =>
  planDifferences(planLike(one, asked), planLike(other, asked));
const codes = (one: ToolName, other: ToolName, asked = request) => between(one, other, asked).map(({ code }) => code);

describe("likeTool", () => {
  it("changes what tools differ in and nothing that a user sets", () => {
    for (const one of toolNames)
      for (const other of toolNames) {
        const found = between(one, other);
        expect(
          found.filter(({ kind }) => kind === "setting"),
          `${one} ${other}`,
        ).toEqual([]);
        const alike = one === other || [one, other].every((tool) => tool === "a1111" || tool === "sd.cpp");
        expect(found.length === 0, `${one} ${other}`).toBe(alike);
      }
  });

  it("gives the differences of ComfyUI and A1111: noise, start, timesteps, weights, empty negative prompt", () => {
    expect(codes("comfyui", "a1111")).toEqual([
      "noise-source",
      "step-noise",
      "start-noise",
      "timestep-rounding",
      "emphasis",
      "empty-negative",
    ]);
    const [source] = between("comfyui", "a1111");
    expect(source).toMatchObject({
      values: ["torch-cpu", "philox"],
      tools: [
        ["diffusers", "comfyui"],
        ["a1111", "sd.cpp"],
      ],
    });
  });

  it("gives A1111 and stable-diffusion.cpp few, with TCD its gamma", () => {
    expect(codes("a1111", "sd.cpp")).toEqual([]);
    const tcd = { ...request, sampling: { steps: 4, sampler: "tcd" } } as const;
    expect(codes("a1111", "sd.cpp", tcd)).toContain("gamma");
    expect(planLike("sd.cpp", tcd).sampling.sampler.gamma).toBe(0);
    expect(
      planLike("sd.cpp", { ...tcd, sampling: { ...tcd.sampling, settings: { gamma: 0.5 } } }).sampling.sampler.gamma,
    ).toBe(0.5);
  });

  it("draws a batch of ComfyUI's from one generator, and the steps of SDE samplers from a Brownian path", () => {
    const batch = { ...request, seeds: [7, 8], sampling: { steps: 4, sampler: "dpmpp_sde" } } as const;
    expect(planLike("comfyui", batch).sampling.noise).toEqual({
      source: "torch-cpu",
      batch: "one-generator",
      stepSeedOffset: "1",
      steps: "brownian-tree",
      seeds: ["7", "8"],
    });
    expect(codes("comfyui", "sd.cpp", batch)).toEqual(expect.arrayContaining(["batch-noise", "step-noise"]));
  });

  it("draws the steps of ComfyUI on a GPU with the seed itself, where that is stated", () => {
    const onGpu: GenerateRequest = { ...request, noise: { stepSource: "philox" } };
    const { noise } = planLike("comfyui", onGpu).sampling;
    expect(noise).toMatchObject({ source: "torch-cpu", stepSource: "philox", stepSeedOffset: "0" });
    const found = planDifferences(planLike("comfyui"), planLike("comfyui", onGpu));
    expect(found.map(({ code, values }) => [code, ...values])).toEqual([
      ["step-noise", "a new stream of seed + 1", "a new philox stream of seed + 0"],
    ]);
    const sde = { ...onGpu, sampling: { steps: 4, sampler: "dpmpp_sde" } } as const;
    expect(planLike("comfyui", sde).sampling.noise).toMatchObject({ steps: "brownian-tree", stepSource: "philox" });
  });

  it("takes a tool's own schedule where none is said: normal in ComfyUI, karras for A1111's DPM++ 2M", () => {
    const open = { ...request, sampling: { steps: 4, sampler: "dpmpp_2m" } } as const;
    expect(toolNames.map((tool) => planLike(tool, open).schedule)).toEqual(["trailing", "normal", "karras", "normal"]);
    expect(
      planLike("comfyui", { ...open, sampling: { timesteps: [999, 499], sampler: "euler" } }).schedule,
    ).toBeUndefined();
  });

  it("encodes a picture to start from as the tool does, and cuts its steps in the tool's way", () => {
    const picture = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 4) };
    const started = { ...request, init: { picture, strength: 0.5 } };
    expect(planLike("comfyui", started).init?.encode).toBe("mean");
    expect(planLike("a1111", started).init?.encode).toBe("sample");
    expect(codes("comfyui", "a1111", started)).toEqual(expect.arrayContaining(["picture-encoding", "kept-steps"]));
  });

  it("leaves what is stated", () => {
    const stated = { ...request, grammar: "compel", noise: { source: "numpy" }, negative: "x" } as const;
    const plan = planLike("a1111", stated);
    expect([plan.grammar, plan.sampling.noise.source, plan.negative]).toEqual(["compel", "numpy", "x"]);
  });

  it("ignores clip skip on SDXL as A1111 does, and there only", () => {
    const skipping = { ...request, clipSkip: 2 };
    expect(planLike("a1111", skipping, "sdxl").clipSkip).toBe(1);
    expect(planLike("a1111", skipping, "sd15").clipSkip).toBe(2);
    expect(planLike("comfyui", skipping, "sdxl").clipSkip).toBe(2);
  });
});

describe("planDifferences", () => {
  it("names settings, and leaves out the switches that a setting brings with it", () => {
    const plan = planLike("comfyui");
    const other = planLike("comfyui", { ...request, seeds: [8], sampling: { steps: 6, sampler: "euler" } });
    expect(planDifferences(plan, other).map(({ code, kind }) => `${kind} ${code}`)).toEqual([
      "setting seed",
      "setting steps",
      "setting sampler",
      "setting schedule",
      "switch step-noise",
    ]);
  });

  it("has a source for every switch, and no code twice", () => {
    expect(new Set(planSwitches.map(({ code }) => code)).size).toBe(planSwitches.length);
    for (const { source } of planSwitches) expect(source.length).toBeGreaterThan(10);
  });
});

describe("requestOfSettings", () => {
  const settings = { prompt: "a cat", steps: 8, seed: "42", cfg: 1.5, width: 512, height: 768 };

  it("reads A1111's words with A1111's habits", () => {
    const { request: made, like } = requestOfSettings(
      { ...settings, sampler: "DPM++ 2M", schedule: "Beta", rng: "CPU", seedDelta: 31337 },
      "a1111",
      "sd15",
    );
    expect(like).toBe("a1111");
    expect(made).toMatchObject({
      guidance: 1.5,
      sampling: { sampler: "dpmpp_2m", schedule: { name: "beta_sigmas" }, steps: 8, profile: "a1111" },
      noise: { source: "torch-cpu", stepSeedOffset: "31337" },
    });
  });

  it("reads ComfyUI's, InvokeAI's and NovelAI's", () => {
    const of = (sampler: string, schedule: string | undefined, tool: "comfyui" | "invokeai" | "novelai") =>
      requestOfSettings({ ...settings, sampler, ...(schedule && { schedule }) }, tool, "sd15").request.sampling;
    expect(of("lcm", "sgm_uniform", "comfyui")).toMatchObject({ sampler: "lcm", schedule: { name: "sgm_uniform" } });
    expect(of("euler_a", undefined, "invokeai")).toMatchObject({ sampler: "euler_ancestral", profile: "diffusers" });
    expect(of("k_dpmpp_2m", "karras", "novelai")).toMatchObject({ sampler: "dpmpp_2m", schedule: { name: "karras" } });
  });

  it("takes what its owner knows of the noise of the steps", () => {
    const words = { ...settings, sampler: "euler_ancestral", schedule: "normal", vae: "x" };
    const open = requestOfSettings(words, "comfyui", "sd15");
    expect(open.unknown).toEqual([expect.stringContaining("--step-source philox")]);
    const said = requestOfSettings(words, "comfyui", "sd15", { stepSource: "philox" });
    expect([said.unknown, said.request.noise]).toEqual([
      [],
      expect.objectContaining({ stepSource: "philox", stepSeedOffset: "0" }),
    ]);
  });

  it("says what cannot be known, and refuses what is too little", () => {
    const { unknown } = requestOfSettings({ ...settings, sampler: "Euler a", denoise: 0.5, vae: "x" }, "a1111", "sd15");
    expect(unknown).toEqual(["the picture that it was started from"]);
    expect(() => requestOfSettings({ prompt: "a cat" }, "a1111", "sd15")).toThrow(/does not say enough/);
    expect(() => requestOfSettings({ ...settings, sampler: "DPM fast" }, "a1111", "sd15")).toThrow(/no such sampler/);
  });

  it("takes a second pass, with as many steps as the first where A1111 writes 0", () => {
    const hires = { scale: 2, steps: 0, upscaler: "Latent" };
    const { request: made } = requestOfSettings(
      { ...settings, sampler: "Euler a", denoise: 0.6, hires },
      "a1111",
      "sd15",
    );
    expect(made.hires).toEqual({ upscale: "latent", filter: "bilinear", strength: 0.6, steps: 8, scale: 2 });
  });
});
