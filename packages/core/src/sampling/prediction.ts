// What a network's output means, as numbers: denoised = skip * x + output * (raw output), for an input of `input` * x.
// x is in sigma coordinates (x0 + sigma * noise). At infinite sigma (zero terminal SNR) x stands for the noise alone, x / sigma.
// epsilon: Ho et al. 2020; v: Salimans & Ho 2022; consistency boundary: Luo et al. 2023 (LCM), eq. 9.
import { FewstepError } from "../errors.js";
import { alphaOf } from "./noise-schedule.js";

export type PredictionType = "epsilon" | "v" | "sample";

/** c_skip and c_out of a consistency model: 1 and 0 at t = 0, almost exactly 0 and 1 at every sampled timestep. */
export interface ConsistencyBoundary {
  /** Default 10. */
  readonly timestepScaling?: number;
  /** Default 0.5. */
  readonly sigmaData?: number;
}

export interface Prediction {
  readonly type: PredictionType;
  readonly boundary?: ConsistencyBoundary;
}

export interface Scalings {
  /** c_in: brings x to unit variance. */
  readonly input: number;
  readonly skip: number;
  readonly output: number;
}

const finite: Readonly<Record<PredictionType, (sigma: number) => Omit<Scalings, "input">>> = {
  epsilon: (sigma) => ({ skip: 1, output: -sigma }),
  v: (sigma) => ({ skip: 1 / (sigma * sigma + 1), output: -sigma / Math.sqrt(sigma * sigma + 1) }),
  sample: () => ({ skip: 0, output: 1 }),
};

const infinite: Readonly<Record<PredictionType, Omit<Scalings, "input"> | undefined>> = {
  epsilon: undefined,
  v: { skip: 0, output: -1 },
  sample: { skip: 0, output: 1 },
};

/** @throws FewstepError `epsilon-at-infinite-sigma`: noise predicted from pure noise says nothing about the picture. */
export function scalings(prediction: Prediction, sigma: number, timestep: number): Scalings {
  const bounded = sigma < Infinity;
  const plain = bounded ? finite[prediction.type](sigma) : infinite[prediction.type];
  if (plain === undefined) {
    throw new FewstepError({
      code: "epsilon-at-infinite-sigma",
      message: "an epsilon network cannot start at zero terminal SNR",
      found: "epsilon prediction at infinite sigma",
      expected: "v or sample prediction, or a schedule with a finite largest sigma",
    });
  }
  const input = bounded ? alphaOf(sigma) : 1;
  if (prediction.boundary === undefined) return { input, ...plain };
  const { timestepScaling = 10, sigmaData = 0.5 } = prediction.boundary;
  const scaled = timestep * timestepScaling;
  const norm = scaled * scaled + sigmaData * sigmaData;
  const boundaryOut = scaled / Math.sqrt(norm);
  // The boundary is defined on the variance-preserving state, which is `input` * x.
  const boundarySkip = (sigmaData * sigmaData) / norm;
  return { input, skip: boundaryOut * plain.skip + boundarySkip * input, output: boundaryOut * plain.output };
}
