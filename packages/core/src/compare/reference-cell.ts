// The many-step run that cells are measured against: the model without an accelerator, the same prompt, seed, size and style LoRAs. Euler
// draws no noise on the way, so it and every deterministic cell start from one noise and may be laid over each other.
import type { FamilyId } from "../families/family.js";
import type { GenerateRequest } from "../generate/request.js";
import { resolveSampler, resolveSchedule } from "../sampling/names.js";
import { buildCell } from "./build-cell.js";
import type { Cell } from "./cell.js";
import type { ReferenceRequest } from "./compare-request.js";
import type { GridLora, GridModel } from "./grid-files.js";

export const REFERENCE_DEFAULTS = { steps: 25, cfg: 7, sampler: "euler", schedule: "trailing" } as const;

/** The request with the sampling of a full run on a model of this family. @throws FewstepError `unknown-sampler`, `unknown-schedule` */
export function fullRun(request: GenerateRequest, family: FamilyId, asked: ReferenceRequest = {}): GenerateRequest {
  const { steps, cfg, sampler, schedule } = { ...REFERENCE_DEFAULTS, ...asked };
  const named = resolveSampler(sampler, "fewstep", family);
  return {
    ...request,
    guidance: cfg,
    sampling: { ...named, steps, schedule: resolveSchedule(schedule, "fewstep", family) },
  };
}

export function referenceCell(
  model: GridModel,
  request: GenerateRequest,
  styles: readonly GridLora[],
  asked?: ReferenceRequest,
): Cell {
  return buildCell({
    model,
    request: fullRun(request, model.facts.family.id, asked),
    accelerator: "none",
    styles,
    role: "reference",
  });
}
