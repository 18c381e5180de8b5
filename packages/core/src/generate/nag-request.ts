// A negative prompt that counts without a second run of the network: normalized attention guidance, asked for and checked.
// What it computes, and its source: graph/passes/normalized-attention-guidance.ts.
import { FewstepError } from "../errors.js";

export interface NagRequest {
  /** 1 is none; the paper's phi is one less. Default 3. */
  readonly scale?: number;
  /** How many times its length a feature may grow, at least 1. Default 2.5, the authors' for SDXL. */
  readonly tau?: number;
  /** Share of the guided feature, 0 to 1. Default 0.5, the authors' for SDXL. */
  readonly alpha?: number;
}

export type NagPlan = Required<NagRequest>;

const MAX_SCALE = 100;
const MAX_TAU = 100;

const ranges = {
  scale: { default: 3, least: 1, most: MAX_SCALE },
  tau: { default: 2.5, least: 1, most: MAX_TAU },
  alpha: { default: 0.5, least: 0, most: 1 },
} as const;

/** @throws FewstepError `bad-nag` out of range; `nag-needs-a-negative` without a negative prompt */
export function planNag(request: NagRequest | undefined, negative: string | undefined): NagPlan | undefined {
  if (request === undefined) return undefined;
  if (negative === undefined) {
    throw new FewstepError({
      code: "nag-needs-a-negative",
      message: "attention guidance pushes away from a negative prompt, and there is none",
      hint: "give a negative prompt, or leave nag out",
    });
  }
  const value = (name: keyof typeof ranges): number => {
    const { least, most, default: usual } = ranges[name];
    const given = request[name] ?? usual;
    if (given >= least && given <= most) return given;
    throw new FewstepError({
      code: "bad-nag",
      message: `the ${name} of attention guidance is not possible`,
      found: String(given),
      expected: `${least} to ${most}`,
    });
  };
  return { scale: value("scale"), tau: value("tau"), alpha: value("alpha") };
}
