// What one prompt comes to with nothing loaded: from a family's name, or from a checkpoint's header and the files beside it.
import {
  type AcceleratorVariant,
  type FamilyId,
  families,
  type GeneratePlan,
  type PlanFacts,
  planGenerate,
} from "@fewstep/core";
import { accelerate, modelFolders, variantsNamed } from "@fewstep/core/node";
import { readSettings } from "../settings.js";
import { fileNotes, openRun } from "./open-run.js";
import { planPrompt } from "./prompt-run.js";
import { type RequestOptions, requestOf } from "./request-options.js";

export interface DryRunOptions extends RequestOptions {
  readonly family: FamilyId;
}

export interface DryRun {
  readonly plan: GeneratePlan;
  readonly notes: readonly string[];
  /** The accelerator asked for, or else the one that a file is. */
  readonly variant: AcceleratorVariant | undefined;
}

export async function dryRun(prompt: string, options: DryRunOptions, signal: AbortSignal): Promise<DryRun> {
  const seed = options.seed ?? 0n;
  if (options.model === undefined) return ofFamily(prompt, seed, options);
  const folders = modelFolders(await readSettings());
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
  const request = requestOf(prompt, options, seed, family.id);
  if (options.accelerator === undefined) return { plan: planGenerate(facts, request), notes: [], variant: undefined };
  const [variant] = variantsNamed(options.accelerator, family.id);
  const { request: filled, line } = accelerate(variant!, request);
  return { plan: planGenerate(facts, filled), notes: [line], variant };
}
