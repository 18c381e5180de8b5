// What one prompt of a run comes to: its plan, its LoRAs (of options and of tags), and the names of its pictures.
import { type Finding, type GeneratePlan, type GenerateRequest, lint, planGenerate, toolHabits } from "@fewstep/core";
import { type ModelFolders, planFacts } from "@fewstep/core/node";
import {
  type AcceleratedRun,
  accelerateByContent,
  accelerateRun,
  acceleratorFiles,
  type Candidate,
  NO_ACCELERATOR,
  otherAccelerators,
  requireSteps,
  type UsedAccelerator,
} from "./accelerate-run.js";
import { type LintedPrompt, lintRunOf } from "./lint-run.js";
import { checkTwice, openTagged, type RunEmbedding, type RunFiles, type RunLora } from "./open-run.js";
import type { OutputName } from "./output-names.js";
import type { PictureRequest } from "./picture-request.js";
import { checkPresetBase } from "./preset-option.js";
import { promptEmbeddings } from "./prompt-embeddings.js";
import { likened, type RequestOptions, requestOf } from "./request-options.js";

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

/**
 * @throws FewstepError `steps-missing`, `accelerator-unclear`, and the codes of openTagged, promptEmbeddings, requestOf and accelerateRun
 */
export async function askPrompt(
  prompt: string,
  firstSeed: bigint,
  { files, options, pictures, believes, folders, signal }: PromptContext,
): Promise<AskedPrompt> {
  // only A1111's grammar has tags for LoRAs
  const readsTags = (options.grammar ?? (options.like && toolHabits[options.like].grammar) ?? "a1111") === "a1111";
  const tagged = readsTags ? await openTagged(prompt, files.checkpoint, folders, signal) : [];
  const all = [...files.loras, ...tagged];
  checkTwice(all);
  const run = { ...files, loras: all };
  const family = files.checkpoint.family.id;
  checkPresetBase(options, family);
  const given = options.accelerator === NO_ACCELERATOR ? [] : await acceleratorFiles(run, signal);
  const asked = askedOptions(options, given);
  const request = { ...requestOf(prompt, asked, firstSeed, family), ...pictures };
  const { embeddings, notes } = await promptEmbeddings(textsOf(prompt, asked), {
    checkpoint: files.checkpoint,
    folders,
    given: files.embeddings,
    grammar: likened(request, asked, family).grammar ?? "a1111",
    signal,
  });
  const filled = filledBy(asked, request, run, given, believes);
  if (filled === undefined) {
    requireSteps(request);
    const accelerators = otherAccelerators(given, undefined);
    return { request: likened(request, asked, family), loras: all, accelerators, embeddings, notes };
  }
  const { accelerator, line, ...rest } = filled;
  return {
    ...rest,
    embeddings,
    notes: [line, ...notes],
    request: likened(rest.request, asked, family),
    accelerators: [accelerator, ...otherAccelerators(given, accelerator)],
  };
}

const textsOf = (prompt: string, { negative = "", prompt2 = "", negative2 = "" }: RequestOptions) => [
  prompt,
  negative,
  prompt2,
  negative2,
];

/** What is saved for the model counts where nothing beside the model says how it is sampled. */
function askedOptions(options: RequestOptions, given: readonly Candidate[]): RequestOptions {
  const isBeside = ({ file }: Candidate) => file.form !== "checkpoint" && file.recognition.candidates.length > 0;
  const isSaid = options.accelerator !== undefined && options.accelerator !== NO_ACCELERATOR;
  return isSaid || given.some(isBeside) ? options : { ...options.saved, ...options };
}

function filledBy(
  { accelerator: name, acceleratorStrength: strength, preset }: RequestOptions,
  request: GenerateRequest,
  run: RunFiles,
  given: readonly Candidate[],
  believes: boolean | undefined,
): AcceleratedRun | undefined {
  if (name === NO_ACCELERATOR) return undefined;
  if (name === undefined) return accelerateByContent(request, run, given);
  return accelerateRun(name, request, run, given, {
    ...(strength === undefined ? {} : { strength }),
    // a preset names the kind of LoRA that its maker had, whatever file stands for it here
    believes: believes === true || preset !== undefined,
  });
}

export async function planPrompt(prompt: string, firstSeed: bigint, context: PromptContext): Promise<PlannedPrompt> {
  const { accelerators, request, loras, embeddings, notes } = await askPrompt(prompt, firstSeed, context);
  const { checkpoint } = context.files;
  return {
    plan: planGenerate(planFacts(checkpoint), request),
    loras,
    embeddings,
    accelerators,
    findings: lint(lintRunOf({ accelerators, request, loras }, context.files)),
    notes,
  };
}
