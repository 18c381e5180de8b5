// The texts of a cell: with choices made from its seed, as `fewstep generate` makes them for a picture of that seed.
import { choiceSeed, expandChoices } from "../text/choices.js";
import type { ComparedPrompt, CompareRequest } from "./compare-request.js";
import type { GridFiles } from "./grid-files.js";

export interface CellTexts {
  readonly prompt: string;
  readonly negative?: string;
}

/** @throws FewstepError `wildcard-unknown`, and the codes of a prompt beyond its limits */
export function cellTexts(
  { choices, wildcards, negative: shared }: Pick<CompareRequest, "choices" | "wildcards" | "negative">,
  files: Pick<GridFiles, "wildcards">,
  asked: string | ComparedPrompt,
  seed: number | string,
): CellTexts {
  const { prompt, negative = shared }: ComparedPrompt = typeof asked === "string" ? { prompt: asked } : asked;
  const isChosen = choices === true || wildcards !== undefined;
  const options = { seed: choiceSeed(BigInt(seed)), wildcards: files.wildcards ?? new Map<string, never>() };
  const text = (written: string) => (isChosen ? expandChoices(written, options) : written);
  return { prompt: text(prompt), ...(negative === undefined ? {} : { negative: text(negative) }) };
}
