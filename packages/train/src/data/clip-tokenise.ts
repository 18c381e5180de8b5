// One chunk of CLIP tokens, as Stable Diffusion 1.x pads it: start, at most `length - 2` tokens, end, and end tokens to the length.
import { CLIP_IDS, type Tokenizer } from "@fewstep/core";
import type { Tokenise } from "./token-rows.js";

/** @param length default 77 */
export function clipTokenise(tokenizer: Tokenizer, length = 77): Tokenise {
  return (text) => {
    const ids = tokenizer.encode(text).slice(0, length - 2);
    return [CLIP_IDS.start, ...ids, ...Array.from({ length: length - 1 - ids.length }, () => CLIP_IDS.end)];
  };
}
