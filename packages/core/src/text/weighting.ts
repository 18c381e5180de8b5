// What a weight does to the encoder's states: pure functions on rows of numbers, one row a token. The empty prompt's states are
// those of a window without tokens. Definitions: modules/sd_emphasis.py (A1111), comfy/sd1_clip.py (ComfyUI), compel.
import { FewstepError } from "../errors.js";

export type States = Float32Array | Float64Array;

/** How weights act. "none" leaves states alone. */
export type Weighting = "none" | "a1111" | "a1111-no-norm" | "interpolate";

function like<S extends States>(states: S, value: (i: number) => number): S {
  const out = states.slice() as S;
  for (let i = 0; i < out.length; i++) out[i] = value(i);
  return out;
}

function rowWidth(states: States, weights: readonly number[]): number {
  const width = states.length / weights.length;
  if (Number.isInteger(width) && width > 0) return width;
  throw new RangeError(`${states.length} numbers are no ${weights.length} rows`);
}

function mean(states: States): number {
  let sum = 0;
  for (const value of states) sum += value;
  return sum / states.length;
}

/** A1111 "No norm": each row times its weight. */
export function scaleRows<S extends States>(states: S, weights: readonly number[]): S {
  const width = rowWidth(states, weights);
  return like(states, (i) => states[i]! * weights[Math.floor(i / width)]!);
}

/**
 * A1111 "Original": each row times its weight, then all times one factor that restores the mean. Give it all prompts of one batch of
 * the webui at once (their rows one after the other) to have them share the mean as they do there.
 * @throws FewstepError `prompt-weights-cancel` if the weighted states have no mean left to restore
 */
export function scaleRowsKeepMean<S extends States>(states: S, weights: readonly number[]): S {
  const scaled = scaleRows(states, weights);
  const factor = mean(states) / mean(scaled);
  if (!Number.isFinite(factor))
    throw new FewstepError({
      code: "prompt-weights-cancel",
      message: "the weights of the prompt cancel the text out, its mean cannot be restored",
      hint: 'give some part a weight other than 0, or use the weighting "a1111-no-norm"',
    });
  return like(scaled, (i) => scaled[i]! * factor);
}

/** ComfyUI and compel: each row moved from the empty prompt's, by its weight. `empty` is one window, repeated for each window of `states`. */
export function interpolateRows<S extends States>(states: S, weights: readonly number[], empty: States): S {
  const width = rowWidth(states, weights);
  return like(states, (i) => {
    const base = empty[i % empty.length]!;
    const weight = weights[Math.floor(i / width)]!;
    return weight === 1 ? states[i]! : base + (states[i]! - base) * weight;
  });
}

/** The states of one window under a weighting; `empty` gives the empty prompt's states where they are needed. */
export function weightStates<S extends States>(
  weighting: Weighting,
  states: S,
  weights: readonly number[],
  empty: () => States,
): S {
  if (weights.every((weight) => weight === 1)) return states;
  switch (weighting) {
    case "none":
      return states;
    case "a1111":
      return scaleRowsKeepMean(states, weights);
    case "a1111-no-norm":
      return scaleRows(states, weights);
    case "interpolate":
      return interpolateRows(states, weights, empty());
    default:
      return weighting satisfies never;
  }
}

/** Sum of states times their shares. */
export function mixStates<S extends States>(parts: readonly { readonly states: S; readonly share: number }[]): S {
  const first = parts[0];
  if (first === undefined) throw new RangeError("nothing to mix");
  return like(first.states, (i) => parts.reduce((sum, { states, share }) => sum + states[i]! * share, 0));
}
