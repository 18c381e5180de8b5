// What is scored, as data: the base at few and many steps, without guidance and with, and each accelerator by its own sampler. Calls of the
// network are what methods are compared at: guidance doubles them.
import type { GenerateRequest } from "@fewstep/core";
import { TINY_GUIDANCE, TINY_SAMPLING, type TinyAccelerator } from "../own-settings.js";

export interface ScoredMethod {
  readonly name: string;
  readonly steps: number;
  readonly calls: number;
  readonly lora?: TinyAccelerator;
  readonly request: Pick<GenerateRequest, "guidance" | "sampling">;
}

const FEW = [1, 2, 4, 8];
const BASE_STEPS = [...FEW, 25];

const base = (guidance: number): readonly ScoredMethod[] =>
  BASE_STEPS.map((steps) => ({
    name: guidance === 1 ? "base" : `base cfg ${guidance}`,
    steps,
    calls: guidance === 1 ? steps : 2 * steps,
    request: { guidance, sampling: { steps, sampler: "ddim", schedule: "trailing" } },
  }));

/** The undistilled base under LCM's sampler looks crisp: what a LoRA adds is told against it. */
const control: readonly ScoredMethod[] = FEW.map((steps) => ({
  name: "base by lcm's sampler",
  steps,
  calls: steps,
  request: { guidance: 1, sampling: { steps, sampler: "lcm", schedule: "lcm" } },
}));

const accelerator = (lora: TinyAccelerator): readonly ScoredMethod[] =>
  FEW.map((steps) => ({
    name: lora,
    steps,
    calls: steps,
    lora,
    request: { guidance: 1, sampling: { steps, ...TINY_SAMPLING[lora] } },
  }));

export const SCORED_METHODS: readonly ScoredMethod[] = [
  ...base(1),
  ...base(TINY_GUIDANCE),
  ...control,
  ...accelerator("lcm"),
  ...accelerator("lightning"),
  ...accelerator("hyper"),
  ...accelerator("turbo"),
];
