// Min-SNR weights (Hang et al. 2023): min(SNR, gamma) / SNR for epsilon, / (SNR + 1) for v, min(SNR, gamma) for sample. SNR = a^2 / s^2.
import type { PredictionType } from "@fewstep/core";

const DIVISORS: Readonly<Record<PredictionType, (snr: number) => number>> = {
  epsilon: (snr) => snr,
  v: (snr) => snr + 1,
  sample: () => 1,
};

/** Weight of the squared error of one picture at alpha-bar. */
export function minSnrWeight(type: PredictionType, alphaBar: number, gamma: number): number {
  const snr = alphaBar / (1 - alphaBar);
  return Math.min(snr, gamma) / DIVISORS[type](snr);
}
