// PNDM's rows: which timesteps are fed, and which outputs, state and sigmas each transfer uses.
// diffusers' order of calls: PLMS feeds its second timestep twice; with Runge-Kutta the first three intervals take four calls each.
import { FewstepError } from "../errors.js";
import type { PndmTransfer } from "./sampling-plan.js";

export interface PndmCall {
  readonly timestep: number;
  readonly sigma: number;
  readonly sigmaNext: number;
  readonly transfer: PndmTransfer;
}

type Weights = PndmTransfer["weights"];

/** Adams-Bashforth weights by the number of outputs at hand, newest first. */
const adams: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** The timesteps fed, from the descending timesteps of the spacing. */
export function pndmTimesteps(spaced: readonly number[], stride: number, rungeKutta: boolean): readonly number[] {
  if (!rungeKutta) return spaced.length < 2 ? spaced : [spaced[0]!, spaced[1]!, ...spaced.slice(1)];
  if (spaced.length < 4) {
    throw new FewstepError({
      code: "too-few-steps",
      message: "pndm with Runge-Kutta steps needs more steps",
      found: String(spaced.length),
      expected: "4 or more",
    });
  }
  const half = Math.floor(stride / 2);
  const halves = spaced
    .slice(0, 4)
    .flatMap((t) => [t + half, t])
    .slice(1);
  const doubled = halves.flatMap((t) => [t, t]).slice(1, -1);
  return [...doubled, ...spaced.slice(3)];
}

/** One entry per network call. `sigmaOf` of a negative timestep is where the run ends. */
export function pndmCalls(
  fed: readonly number[],
  stride: number,
  rungeKutta: boolean,
  sigmaOf: (timestep: number) => number,
): readonly PndmCall[] {
  const remembered: number[] = [];
  return fed.map((timestep, i) => {
    const call = (from: number, to: number, weights: Weights, stateRowsBack: number): PndmCall => ({
      timestep,
      sigma: sigmaOf(timestep),
      sigmaNext: sigmaOf(to),
      transfer: { from: sigmaOf(from), weights, stateRowsBack },
    });
    if (rungeKutta && i < 12) {
      const part = i % 4;
      if (part === 0) remembered.unshift(i);
      const to = part % 2 === 1 ? timestep : timestep - Math.floor(stride / 2);
      const weights: Weights =
        part < 3
          ? [[0, 1]]
          : [
              [0, 1 / 6],
              [1, 1 / 3],
              [2, 1 / 3],
              [3, 1 / 6],
            ];
      return call(fed[i - part]!, to, weights, part);
    }
    if (!rungeKutta && i === 1)
      return call(
        timestep + stride,
        timestep,
        [
          [0, 1 / 2],
          [1, 1 / 2],
        ],
        1,
      );
    remembered.unshift(i);
    const weights = adams[Math.min(3, remembered.length - 1)]!.map(
      (weight, k) => [i - remembered[k]!, weight] as const,
    );
    return call(timestep, timestep - stride, weights, 0);
  });
}
