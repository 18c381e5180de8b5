// From an encoder's outputs to the states of one window of a prompt's plan. Running the encoder is the caller's; the pooled vector is
// not weighted: it is the first window's, of its first encoding.
import type { Window } from "./prompt-plan.js";
import { mixStates, type States, type Weighting, weightStates } from "./weighting.js";

/**
 * @param encoded states [77, width] of each encoding of the window, in order, its `masked` places unseen
 * @param empty states of the window without tokens (`closeChunk([], shape)`), asked for only where the weighting needs them
 */
export function windowStates<S extends States>(
  window: Window,
  weighting: Weighting,
  encoded: readonly S[],
  empty: () => States,
): S {
  if (encoded.length !== window.length)
    throw new RangeError(`${encoded.length} outputs for ${window.length} encodings`);
  const weighted = window.map(({ weights, share }, i) => ({
    states: weightStates(weighting, encoded[i]!, weights, empty),
    share,
  }));
  const only = weighted.length === 1 ? weighted[0] : undefined;
  return only?.share === 1 ? only.states : mixStates(weighted);
}
