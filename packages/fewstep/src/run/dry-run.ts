// What one prompt comes to with nothing loaded: from a family's name, or from a checkpoint's header and the files beside it.
import {
  type AcceleratorVariant,
  type FamilyId,
  families,
  type GeneratePlan,
  type GenerateRequest,
  type PlanFacts,
  planGenerate,
} from "@fewstep/core";
import { accelerate, modelFolders, variantsNamed } from "@fewstep/core/node";
import { readSettings } from "../settings.js";
import { NO_ACCELERATOR } from "./accelerate-run.js";
import { fileNotes, openRun } from "./open-run.js";
import { checkPresetBase } from "./preset-option.js";
import { planPrompt } from "./prompt-run.js";
import { likened, type RequestOptions, requestOf } from "./request-options.js";
import { withSaved } from "./saved-defaults.js";

export interface DryRunOptions extends RequestOptions {
  readonly family: FamilyId;
}

export interface DryRun {
  readonly plan: GeneratePlan;
  readonly notes: readonly string[];
  /** The accelerator asked for, or else the one that a file is. */
  readonly variant: AcceleratorVariant | undefined;
}

export async function dryRun(prompt: string, given: DryRunOptions, signal: AbortSignal): Promise<DryRun> {
  const seed = given.seed ?? 0n;
  if (given.model === undefined) return ofFamily(prompt, seed, given);
  const settings = await readSettings();
  const options = withSaved(given, settings);
  const folders = modelFolders(settings);
  const files = await openRun(options, folders, signal);
  const context = { files, options, folders, signal };
  const { plan, loras, notes: said, accelerators } = await planPrompt(prompt, seed, context);
  const notes = [...fileNotes({ ...files, loras }), ...said];
  return { plan, notes, variant: accelerators[0]?.variant };
}

/** Without a file an accelerator is taken in its first published form. */
function ofFamily(prompt: string, seed: bigint, options: DryRunOptions): DryRun {
  const family = families[options.family];
  const facts: PlanFacts = {
    family,
    prediction: family.prediction,
    zeroTerminalSnr: false,
    embeddedGuidance: false,
  };
  checkPresetBase(options, family.id);
  const request = requestOf(prompt, options, seed, family.id);
  const planned = (asked: GenerateRequest) => planGenerate(facts, likened(asked, options, family.id));
  const { accelerator = NO_ACCELERATOR, acceleratorStrength } = options;
  if (accelerator === NO_ACCELERATOR) return { plan: planned(request), notes: [], variant: undefined };
  const [variant] = variantsNamed(accelerator, family.id);
  const { request: filled, line } = accelerate(variant!, request, acceleratorStrength);
  return { plan: planned(filled), notes: [line], variant };
}
