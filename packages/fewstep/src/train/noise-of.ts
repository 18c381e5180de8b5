// The noise of the training timesteps, as sampling will take it: Stable Diffusion's, rescaled where a checkpoint says so.
import { createNoiseSchedule, type NoiseSchedule } from "@fewstep/core";

export const noiseOf = ({ zeroTerminalSnr }: { readonly zeroTerminalSnr: boolean }): NoiseSchedule =>
  createNoiseSchedule(zeroTerminalSnr ? { zeroTerminalSnr: "exact" } : {});
