// The window of one compel member: up-weighted words are moved from the empty prompt, down-weighted ones also mixed with the prompt in
// which they are masked, by tan((1 - w) pi / 2). A prompt beyond the window is cut, compel's default.
import { type ChunkShape, closeChunk, type TokenPart, truncatedChunk } from "./chunk.js";
import type { CompelMember } from "./compel-syntax.js";
import type { Encoding } from "./prompt-plan.js";
import type { WeightedText } from "./weighted-text.js";

/** Below this a weight's tangent is of no more use. */
const SMALLEST = 1e-5;

function promptEncodings(
  fragments: readonly WeightedText[],
  tokens: (text: string) => readonly number[],
  shape: ChunkShape,
): { readonly encodings: readonly Encoding[]; readonly cut: number } {
  const parts = fragments.map(({ text, weight }): TokenPart & { kind: "tokens" } => ({
    kind: "tokens",
    ids: tokens(text),
    weight,
  }));
  const { chunk, cut } = truncatedChunk(parts, shape);
  const whole: Encoding = { ...chunk, share: 1, masked: [] };
  const encodings = [whole];
  let at = 1;
  for (const { ids, weight } of parts) {
    const masked = ids.map((_, i) => at + i).filter((place) => place < shape.length - 1);
    at += ids.length;
    if (weight < 1 && masked.length > 0)
      encodings.push({ ...chunk, share: Math.tan(((1 - Math.max(SMALLEST, weight)) * Math.PI) / 2), masked });
  }
  const sum = encodings.reduce((total, { share }) => total + share, 0);
  return { encodings: encodings.map((one) => ({ ...one, share: one.share / sum })), cut };
}

/** What to encode for a member, and how many tokens were cut off. */
export function compelWindow(
  member: CompelMember,
  tokens: (text: string) => readonly number[],
  shape: ChunkShape,
): { readonly encodings: readonly Encoding[]; readonly cut: number } {
  const sum = member.normalise ? member.shares.reduce((a, b) => a + b, 0) : 1;
  const prompts = member.prompts.map((fragments) => promptEncodings(fragments, tokens, shape));
  const encodings = prompts.flatMap((prompt, i) =>
    prompt.encodings.map((one) => ({ ...one, share: one.share * (member.shares[i]! / sum) * member.weight })),
  );
  // a member of a conjunction is moved from the empty prompt by its weight, start and padding too
  const empty: Encoding = { ...closeChunk([], shape), share: 1 - member.weight, masked: [] };
  return {
    encodings: member.weight === 1 ? encodings : [...encodings, empty],
    cut: prompts.reduce((total, { cut }) => total + cut, 0),
  };
}
