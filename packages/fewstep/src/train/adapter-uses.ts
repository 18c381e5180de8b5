// How a distilled LoRA is used: the accelerator it is, and the sampler settings that it was made for, as fewstep and as diffusers say them.
import { trailingTimesteps } from "@fewstep/train";
import type { AdapterMethod } from "./methods.js";
import type { TrainOptions } from "./train-options.js";

export interface AdapterUse {
  /** A name of the library's table of accelerators. */
  readonly accelerator: string;
  readonly steps: number;
  readonly timesteps: readonly number[];
  readonly noise: "none" | "fresh";
  /** Guidance scale: 1 is none. */
  readonly guidance: number;
  readonly scheduler: { readonly name: string; readonly settings: Readonly<Record<string, unknown>> };
}

const TIMESTEPS = 1000;
const GRID = 50;
const DEFAULT_STEPS = 4;

/** The points that `steps` steps use of the grid that an LCM learned, 50 as published. */
export function lcmTimesteps(steps: number, points: number = GRID): readonly number[] {
  const grid = Array.from({ length: points }, (_, i) => ((i + 1) * TIMESTEPS) / points - 1).reverse();
  return Array.from({ length: steps }, (_, i) => grid[Math.floor((i * points) / steps)]!);
}

/** All but what keeps guidance have the teacher's in them. */
const unguided = { guidance: 1 } as const;

const trailing = { name: "DDIMScheduler", settings: { timestep_spacing: "trailing", clip_sample: false } };

export const ADAPTER_USES: Readonly<Record<AdapterMethod, (options: TrainOptions) => AdapterUse>> = {
  lcm: ({ grid = GRID }) => ({
    ...unguided,
    accelerator: "lcm",
    steps: DEFAULT_STEPS,
    timesteps: lcmTimesteps(DEFAULT_STEPS, grid),
    noise: "fresh",
    scheduler: { name: "LCMScheduler", settings: { original_inference_steps: grid, timestep_spacing: "leading" } },
  }),
  lightning: ({ studentSteps: steps }) => ({
    ...unguided,
    accelerator: `lightning-${steps}`,
    steps,
    timesteps: trailingTimesteps(steps),
    noise: "none",
    scheduler: { name: "EulerDiscreteScheduler", settings: { timestep_spacing: "trailing" } },
  }),
  // one segment is the unified LoRA: any step count, by TCD, whose eta of 1 throws all noise away and draws it anew
  hyper: ({ studentSteps, scoreDistillation, keepGuidance }) =>
    studentSteps === 1
      ? {
          ...unguided,
          accelerator: "hyper-1",
          steps: 1,
          timesteps: lcmTimesteps(scoreDistillation ? 1 : DEFAULT_STEPS),
          noise: "fresh",
          scheduler: { name: "TCDScheduler", settings: {} },
        }
      : {
          accelerator: keepGuidance === undefined ? `hyper-${studentSteps}` : `hyper-${studentSteps}-cfg`,
          guidance: keepGuidance ?? 1,
          steps: studentSteps,
          timesteps: trailingTimesteps(studentSteps),
          noise: "none",
          scheduler: trailing,
        },
  turbo: () => ({
    ...unguided,
    accelerator: "turbo",
    steps: DEFAULT_STEPS,
    timesteps: trailingTimesteps(DEFAULT_STEPS),
    noise: "fresh",
    scheduler: { name: "EulerAncestralDiscreteScheduler", settings: { timestep_spacing: "trailing" } },
  }),
};
