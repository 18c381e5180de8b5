// One run -> one cell: planned, linted, labelled and named by its hash. A run that planning refuses is an empty cell with the reason.
import type { AcceleratorVariant } from "../accelerators/accelerator.js";
import { lint } from "../accelerators/lint/lint.js";
import { networkCalls } from "../accelerators/lint/lint-context.js";
import { FewstepError } from "../errors.js";
import type { FamilyId } from "../families/family.js";
import { type GeneratePlan, type GenerateRequest, planGenerate } from "../generate/request.js";
import type { Cell, CellFinding, CellRole, CellRun, CellSettings, EmptyReason, UsedAdapter } from "./cell.js";
import { contentHash } from "./content-hash.js";
import type { GridLora, GridModel } from "./grid-files.js";

export interface CellParts {
  readonly model: GridModel;
  readonly request: GenerateRequest;
  /** What the accelerator axis says: a variant's name, or none. */
  readonly accelerator: string;
  readonly variant?: AcceleratorVariant;
  /** The accelerator's file; absent where the checkpoint itself is it. */
  readonly lora?: GridLora;
  readonly strength?: number;
  readonly styles: readonly GridLora[];
  readonly role: CellRole;
  readonly preset?: Cell["preset"];
  readonly reference?: string;
  readonly pair?: string;
  /** The family of a base that the model stands for: the run is linted as one of that base, and no licence of its files counts. */
  readonly inPlaceOf?: FamilyId;
}

export function buildCell(parts: CellParts): Cell {
  const { model, request, variant, role, preset, reference, pair, inPlaceOf } = parts;
  let plan: GeneratePlan;
  try {
    plan = planGenerate(model.facts, request);
  } catch (error) {
    if (!(error instanceof FewstepError)) throw error;
    const reason = error.found === undefined ? error.summary : `${error.summary} (${error.found})`;
    const hint = error.hint ?? error.expected;
    return emptyCell(
      askedSettings(parts),
      { code: error.code, reason, ...(hint === undefined ? {} : { hint }) },
      parts,
    );
  }
  const run = cellRun(parts);
  const settings = plannedSettings(parts, plan);
  return {
    id: runHash(run),
    role,
    settings,
    config: configHash(run),
    unit: unitHash(settings),
    run,
    findings: findings(parts),
    calls: networkCalls(plan.sampling),
    ...(preset === undefined ? {} : { preset }),
    ...(reference === undefined ? {} : { reference }),
    ...(pair === undefined ? {} : { pair }),
    ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
    ...(variant === undefined || inPlaceOf !== undefined
      ? {}
      : { licence: { name: variant.licence.name, commercial: variant.licence.commercial } }),
  };
}

/** A place where nothing is computed. */
export function emptyCell(
  settings: CellSettings,
  empty: EmptyReason,
  { role = "candidate", preset }: { readonly role?: CellRole; readonly preset?: Cell["preset"] } = {},
): Cell {
  const { prompt: _prompt, negative: _negative, seed: _seed, ...config } = settings;
  return {
    id: contentHash({ settings, empty, preset }),
    role,
    settings,
    config: contentHash({ config, preset }),
    unit: unitHash(settings),
    empty,
    findings: [],
    calls: 0,
    ...(preset === undefined ? {} : { preset }),
  };
}

function cellRun({ model, request, lora, strength = 1, styles }: CellParts): CellRun {
  const used = (file: GridLora, at: number): UsedAdapter => ({ name: file.name, hash: file.hash, strength: at });
  const { facts, name, hash } = model;
  return {
    model: { name, hash, family: facts.family.id },
    adapters: [
      ...(lora === undefined ? [] : [used(lora, strength)]),
      ...styles.map((style) => used(style, style.strength ?? 1)),
    ],
    request: { ...request, seeds: (request.seeds ?? [0]).map(String) },
  };
}

/** Names of files do not count, their content does. */
function runHash({ model, adapters, request }: CellRun): string {
  return contentHash({ model: model.hash, adapters: adapters.map(({ hash, strength }) => [hash, strength]), request });
}

function configHash({ model, adapters, request }: CellRun): string {
  const { prompt: _prompt, negative: _negative, seeds: _seeds, ...rest } = request;
  const used = adapters.map(({ hash, strength }) => [hash, strength]);
  return contentHash({ model: model.hash, adapters: used, request: rest });
}

function unitHash({ prompt, negative, seed }: CellSettings): string {
  return contentHash({ prompt, negative, seed });
}

function plannedSettings(parts: CellParts, plan: GeneratePlan): CellSettings {
  const { sampling, schedule, width, height, embeddedGuidance } = plan;
  return {
    ...askedSettings(parts),
    steps: sampling.rows.length,
    cfg: embeddedGuidance ?? Math.max(...sampling.rows.map(({ guidance }) => guidance)),
    sampler: sampling.sampler.name,
    schedule: schedule ?? "listed",
    size: `${width}x${height}`,
  };
}

function askedSettings({ model, request, accelerator, strength = 1 }: CellParts): CellSettings {
  const { prompt, negative = "", seeds = [0], guidance = 1, sampling = {}, width, height } = request;
  const { schedule } = sampling;
  return {
    model: model.name,
    accelerator,
    strength,
    steps: sampling.steps ?? sampling.timesteps?.length ?? 0,
    cfg: typeof guidance === "number" ? guidance : Math.max(...guidance),
    sampler: sampling.sampler ?? "euler",
    schedule: typeof schedule === "object" ? schedule.name : (schedule ?? "default"),
    size: `${width}x${height}`,
    prompt,
    negative,
    seed: String(seeds[0]),
  };
}

function findings(parts: CellParts): readonly CellFinding[] {
  const { model, request, variant, lora, strength = 1, styles, inPlaceOf } = parts;
  const { family, prediction, zeroTerminalSnr } = model.facts;
  const { guidance, sampling, width, height, prompt, negative, clipSkip } = request;
  const own = inPlaceOf === undefined;
  // nothing was published of how a stand-in's own files are run
  if (!own && variant === undefined) return [];
  const found = lint({
    base: own ? { family: family.id, title: model.name, prediction, zeroTerminalSnr } : { family: inPlaceOf },
    stack: [
      ...(variant === undefined ? [] : [{ variant, strength, ...(own && lora?.facts && { facts: lora.facts }) }]),
      ...styles.map((style) => ({
        name: style.name,
        strength: style.strength ?? 1,
        ...(style.family === undefined ? {} : { family: style.family }),
      })),
    ],
    sampling: { ...sampling, ...(guidance === undefined ? {} : { guidance }) },
    prompt,
    ...(!own || width === undefined || height === undefined ? {} : { size: { width, height } }),
    ...(negative === undefined ? {} : { negative }),
    ...(clipSkip === undefined ? {} : { clipSkip }),
  });
  return found.map(({ code, severity, reason, fix, source }) => ({ code, severity, reason, fix, source }));
}
