// What one prompt of a run comes to: its plan, its LoRAs (of options and of tags), and the names of its pictures.
import { type Finding, type GeneratePlan, lint, planGenerate } from "@fewstep/core";
import { type ModelFolders, planFacts } from "@fewstep/core/node";
import {
  accelerateRun,
  acceleratorFiles,
  recognisedAccelerators,
  requireSteps,
  type UsedAccelerator,
} from "./accelerate-run.js";
import { type LintedPrompt, lintRunOf } from "./lint-run.js";
import { checkTwice, openTagged, type RunEmbedding, type RunFiles, type RunLora } from "./open-run.js";
import type { OutputName } from "./output-names.js";
import type { PictureRequest } from "./picture-request.js";
import { promptEmbeddings } from "./prompt-embeddings.js";
import { type RequestOptions, requestOf } from "./request-options.js";

export interface PromptRun {
  readonly plan: GeneratePlan;
  readonly loras: readonly RunLora[];
  readonly embeddings: readonly RunEmbedding[];
  /** A name for each seed. */
  readonly names: readonly OutputName[];
}

export interface PlannedPrompt extends Omit<PromptRun, "names"> {
  /** What an accelerator filled in, and what else a user should hear. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  readonly accelerators: readonly UsedAccelerator[];
}

/** A prompt's request, before it is planned. */
export interface AskedPrompt extends LintedPrompt {
  readonly embeddings: readonly RunEmbedding[];
  readonly notes: readonly string[];
}

export interface PromptContext {
  readonly files: RunFiles;
  readonly options: RequestOptions;
  /** What is asked for beyond text to picture. */
  readonly pictures?: PictureRequest;
  /** --accelerator says what a file is that cannot be recognised; for looking at a run, not for making it. Default false. */
  readonly believes?: boolean;
  readonly folders: ModelFolders;
  readonly signal: AbortSignal;
}

/** @throws FewstepError `steps-missing`, and the codes of openTagged, promptEmbeddings, requestOf and accelerateRun */
export async function askPrompt(
  prompt: string,
  firstSeed: bigint,
  { files, options, pictures, believes, folders, signal }: PromptContext,
): Promise<AskedPrompt> {
  // only A1111's grammar has tags for LoRAs
  const readsTags = (options.grammar ?? "a1111") === "a1111";
  const tagged = readsTags ? await openTagged(prompt, files.checkpoint, folders, signal) : [];
  const all = [...files.loras, ...tagged];
  checkTwice(all);
  const request = { ...requestOf(prompt, options, firstSeed, files.checkpoint.family.id), ...pictures };
  const { grammar = "a1111", negative = "", prompt2 = "", negative2 = "" } = options;
  const { embeddings, notes } = await promptEmbeddings([prompt, negative, prompt2, negative2], {
    checkpoint: files.checkpoint,
    folders,
    given: files.embeddings,
    grammar,
    signal,
  });
  const run = { ...files, loras: all };
  const given = await acceleratorFiles(run, signal);
  if (options.accelerator === undefined) {
    requireSteps(request, given);
    return { request, loras: all, accelerators: recognisedAccelerators(given), embeddings, notes };
  }
  const { accelerator, line, ...filled } = accelerateRun(options.accelerator, request, run, given, believes);
  return { ...filled, accelerators: [accelerator], embeddings, notes: [line, ...notes] };
}

export async function planPrompt(prompt: string, firstSeed: bigint, context: PromptContext): Promise<PlannedPrompt> {
  const { accelerators, request, loras, embeddings, notes } = await askPrompt(prompt, firstSeed, context);
  const { checkpoint } = context.files;
  return {
    plan: planGenerate(planFacts(checkpoint), request),
    loras,
    embeddings,
    accelerators,
    findings: lint(lintRunOf({ accelerators, request, loras }, checkpoint)),
    notes,
  };
}
