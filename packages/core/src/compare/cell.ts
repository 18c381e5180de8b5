// A cell of a grid as plain JSON: where it stands, what a user reads there, and what is computed. No pictures and no results: those are
// records.
import type { Severity } from "../accelerators/lint/rule.js";
import type { FamilyId } from "../families/family.js";
import type { GenerateRequest } from "../generate/request.js";

/** What a cell is, in words and numbers that label it. */
export interface CellSettings {
  readonly model: string;
  readonly accelerator: string;
  readonly strength: number;
  readonly steps: number;
  readonly cfg: number;
  readonly sampler: string;
  readonly schedule: string;
  /** WIDTHxHEIGHT */
  readonly size: string;
  readonly prompt: string;
  readonly negative: string;
  readonly seed: string;
}

export interface UsedAdapter {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly strength: number;
}

/** What computes the picture, and nothing else: its hash is the cell's identity. */
export interface CellRun {
  readonly model: { readonly name: string; readonly hash: string; readonly family: FamilyId };
  readonly adapters: readonly UsedAdapter[];
  /** One seed; the same JSON gives the same picture. */
  readonly request: GenerateRequest;
}

export interface CellFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly fix: string;
  readonly source: string;
}

/** Why there is nothing to compute. */
export interface EmptyReason {
  readonly code: string;
  readonly reason: string;
  readonly hint?: string;
}

export type CellRole = "candidate" | "reference";

export interface Cell {
  /** Hash of `run` without names; of the settings where the cell is empty. */
  readonly id: string;
  readonly role: CellRole;
  readonly settings: CellSettings;
  /** Hash of everything but prompt and seed: what is judged over prompts and seeds. */
  readonly config: string;
  /** Hash of prompt and seed: what the cells of a pair have in common. Model and size are part of what is compared. */
  readonly unit: string;
  /** What takes the unit's part where runs of unlike prompts are compared, as the guide's are. */
  readonly pair?: string;
  /** Family of a base that the model stands for. */
  readonly inPlaceOf?: FamilyId;
  readonly run?: CellRun;
  readonly empty?: EmptyReason;
  /** Id of the many-step cell of the same unit. */
  readonly reference?: string;
  readonly findings: readonly CellFinding[];
  /** Calls of the UNet. */
  readonly calls: number;
  /** Of a guide's run. */
  readonly preset?: { readonly name: string; readonly as: "guide" | "publisher" };
  /** Names of licences that forbid or do not allow selling pictures. */
  readonly licence?: { readonly name: string; readonly commercial: "yes" | "no" | "unstated" };
}

export interface Grid {
  readonly title: string;
  readonly cells: readonly Cell[];
  /** What was asked and is not looked at: files of no use, axes with nothing to compare. */
  readonly notes: readonly string[];
}
