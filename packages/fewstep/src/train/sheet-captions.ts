// The prompts of a training sheet: the illustrator's fixed ones, seen and held out, or the first captions of a folder.
import { ILLUSTRATOR } from "./training-pictures.js";

const COUNT = 8;

export async function sheetCaptions(data: string, captions: readonly string[]): Promise<readonly string[]> {
  if (data !== ILLUSTRATOR) return Array.from({ length: Math.min(COUNT, captions.length) }, (_, i) => captions[i]!);
  const { HELD_OUT_PROMPTS, SEEN_PROMPTS } = await import("@fewstep/tiny");
  const half = COUNT / 2;
  return [...SEEN_PROMPTS.slice(0, half), ...HELD_OUT_PROMPTS.slice(0, half)].map(({ text }) => text);
}
