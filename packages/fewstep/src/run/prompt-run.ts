// What one prompt of a run comes to: its plan, its LoRAs (of options and of tags), and the names of its pictures.
import { type GeneratePlan, planGenerate } from "@fewstep/core";
import { type ModelFolders, planFacts } from "@fewstep/core/node";
import { accelerateRun, requireSteps } from "./accelerate-run.js";
import { checkTwice, openTagged, type RunFiles, type RunLora } from "./open-run.js";
import type { OutputName } from "./output-names.js";
import type { PictureRequest } from "./picture-request.js";
import { type RequestOptions, requestOf } from "./request-options.js";

export interface PromptRun {
  readonly plan: GeneratePlan;
  readonly loras: readonly RunLora[];
  /** A name for each seed. */
  readonly names: readonly OutputName[];
}

export interface PlannedPrompt extends Omit<PromptRun, "names"> {
  /** What an accelerator filled in. */
  readonly line?: string;
}

export interface PromptContext {
  readonly files: RunFiles;
  readonly options: RequestOptions;
  /** What is asked for beyond text to picture. */
  readonly pictures?: PictureRequest;
  readonly folders: ModelFolders;
  readonly signal: AbortSignal;
}

export async function planPrompt(
  prompt: string,
  firstSeed: bigint,
  { files, options, pictures, folders, signal }: PromptContext,
): Promise<PlannedPrompt> {
  const { checkpoint } = files;
  // only A1111's grammar has tags for LoRAs
  const readsTags = (options.grammar ?? "a1111") === "a1111";
  const tagged = readsTags ? await openTagged(prompt, checkpoint, folders, signal) : [];
  const all = [...files.loras, ...tagged];
  checkTwice(all);
  const request = { ...requestOf(prompt, options, firstSeed), ...pictures };
  const run = { ...files, loras: all };
  if (options.accelerator === undefined) {
    await requireSteps(request, run, signal);
    return { plan: planGenerate(planFacts(checkpoint), request), loras: all };
  }
  const filled = await accelerateRun(options.accelerator, request, run, signal);
  return { plan: planGenerate(planFacts(checkpoint), filled.request), loras: filled.loras, line: filled.line };
}
