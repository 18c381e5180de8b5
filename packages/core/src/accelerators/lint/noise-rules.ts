// Rules on seeds: the same number means another picture under another tool's noise.
import type { NoiseSourceName } from "../../sampling/noise/noise-source.js";
import type { ProfileName } from "../../sampling/profiles.js";
import type { LintRun } from "./lint-run.js";
import type { LintRule } from "./rule.js";

interface ToolNoise {
  readonly source: NoiseSourceName;
  readonly profile: ProfileName;
}

const toolNoise: Readonly<Record<NonNullable<LintRun["seedFrom"]>, ToolNoise>> = {
  comfyui: { source: "torch-cpu", profile: "comfyui" },
  a1111: { source: "philox", profile: "a1111" },
  invokeai: { source: "torch-cpu", profile: "diffusers" },
  diffusers: { source: "torch-cpu", profile: "diffusers" },
};

const expected = ({ seedFrom }: LintRun) => (seedFrom === undefined ? undefined : toolNoise[seedFrom]);

export const noiseRules: readonly LintRule[] = [
  {
    code: "noise-source-mismatch",
    severity: "warning",
    holds: ({ run }) => {
      const wanted = expected(run)?.source;
      return wanted !== undefined && (run.sampling.noise?.source ?? "torch-cpu") !== wanted;
    },
    reason: ({ run }) =>
      `a seed of ${run.seedFrom} means noise of ${expected(run)?.source}, not of ${run.sampling.noise?.source ?? "torch-cpu"}`,
    fix: ({ run }) => `set the noise source to ${expected(run)?.source}`,
    source: "ComfyUI comfy/sample.py; A1111 modules/rng.py; InvokeAI rand_device",
  },
  {
    code: "profile-mismatch",
    severity: "note",
    holds: ({ run }) => {
      const wanted = expected(run)?.profile;
      return wanted !== undefined && (run.sampling.profile ?? "diffusers") !== wanted;
    },
    reason: ({ run }) =>
      `${run.seedFrom} scales the start noise and rounds timesteps as profile ${expected(run)?.profile} does`,
    fix: ({ run }) => `use profile ${expected(run)?.profile} to repeat its picture`,
    source: "ComfyUI comfy/samplers.py; A1111 sd_samplers_kdiffusion.py",
  },
  {
    code: "batch-shares-generator",
    severity: "note",
    holds: ({ run }) => (run.images ?? 1) > 1 && run.sampling.noise?.batch === "one-generator",
    reason: () => "one generator draws for the whole batch: no picture but the first can be repeated alone",
    fix: () => "use a generator for each picture",
    source: "ComfyUI comfy/sample.py: one draw for the batch",
  },
];
