// What a prompt comes to with nothing loaded: from a family's name, or from a checkpoint's header and the files beside it; where neither is
// said, from those of the embedded model, as generate takes it. With choices it comes to as many runs as pictures.
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
import { ownAccelerator, withEmbeddedModel } from "./embedded-model.js";
import { fileNotes, openRun } from "./open-run.js";
import { checkPresetBase, presetBase } from "./preset-option.js";
import { type ChoiceOptions, promptChooser } from "./prompt-choices.js";
import { planPrompt } from "./prompt-run.js";
import { likened, type RequestOptions, requestOf } from "./request-options.js";
import { withSaved } from "./saved-defaults.js";

export interface DryRunOptions extends RequestOptions {
  /** Counts where no model is named. */
  readonly family?: FamilyId;
}

/** Of a run that names nothing that would say it, where no model is embedded. */
const USUAL_FAMILY: FamilyId = "sd15";

export interface DryRun {
  readonly seed: bigint;
  readonly plan: GeneratePlan;
  readonly notes: readonly string[];
  /** The accelerator asked for, or else the one that a file is. */
  readonly variant: AcceleratorVariant | undefined;
}

export async function dryRun(prompt: string, given: DryRunOptions, signal: AbortSignal): Promise<DryRun> {
  const [run] = await dryRuns(prompt, given, signal);
  return run!;
}

/** One run, or with --choices and --wildcards one for each picture. @throws FewstepError the codes of promptChooser, openRun and planPrompt */
export async function dryRuns(
  prompt: string,
  given: DryRunOptions & ChoiceOptions,
  signal: AbortSignal,
): Promise<readonly DryRun[]> {
  const first = given.seed ?? 0n;
  const settings = await readSettings();
  const saved = withSaved(given, settings);
  const { options, note } = (await isForEmbedded(saved))
    ? await withEmbeddedModel(saved, [prompt])
    : { options: saved };
  const choose = await promptChooser(options, signal);
  if (options.model === undefined)
    return choose(prompt, first).map(({ prompt: text, options: own, firstSeed }) => ofFamily(text, firstSeed, own));
  const folders = modelFolders(settings);
  const files = await openRun(options, folders, signal);
  const runs: DryRun[] = [];
  for (const { prompt: text, options: own, firstSeed: seed } of choose(prompt, first)) {
    const context = { files, options: own, folders, signal };
    const { plan, loras, notes: said, accelerators } = await planPrompt(text, seed, context);
    const notes = [...(note === undefined ? [] : [note]), ...fileNotes({ ...files, loras }), ...said];
    runs.push({ seed, plan, notes, variant: accelerators[0]?.variant });
  }
  return runs;
}

/** Neither model nor family is said, nor an accelerator or a preset that only other models have. */
async function isForEmbedded(options: DryRunOptions): Promise<boolean> {
  const { model, family, preset, accelerator = NO_ACCELERATOR } = options;
  if (model !== undefined || family !== undefined || preset !== undefined) return false;
  return accelerator === NO_ACCELERATOR || (await ownAccelerator(accelerator)) !== undefined;
}

/** Without a file an accelerator is taken in its first published form. */
function ofFamily(prompt: string, seed: bigint, options: DryRunOptions): DryRun {
  const family = families[options.family ?? presetBase(options) ?? USUAL_FAMILY];
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
  if (accelerator === NO_ACCELERATOR) return { seed, plan: planned(request), notes: [], variant: undefined };
  const [variant] = variantsNamed(accelerator, family.id);
  const { request: filled, line } = accelerate(variant!, request, acceleratorStrength);
  return { seed, plan: planned(filled), notes: [line], variant };
}
