// A cell for measuring alone: a model at a size, without an accelerator. Its picture is thrown away.
import { costKey, type GridModel, type PlannedCell } from "@fewstep/core";

export interface TrialCell {
  readonly cell: PlannedCell;
  /** By which its rate is found. */
  readonly key: string;
}

/** Sides are rounded to multiples of 64, which every UNet takes. */
export function trialCell({ name, hash, facts }: GridModel, width: number, height: number): TrialCell {
  const side = (length: number) => Math.max(64, Math.round(length / 64) * 64);
  const request = { prompt: "a cat", width: side(width), height: side(height), seeds: ["0"], sampling: { steps: 2 } };
  const cell: PlannedCell = {
    id: "0".repeat(16),
    role: "candidate",
    settings: {
      model: name,
      accelerator: "none",
      strength: 1,
      steps: 2,
      cfg: 1,
      sampler: "euler",
      schedule: "trailing",
      size: `${request.width}x${request.height}`,
      prompt: request.prompt,
      negative: "",
      seed: "0",
    },
    config: "",
    unit: "",
    run: { model: { name, hash, family: facts.family.id }, adapters: [], request },
    findings: [],
    calls: 2,
  };
  return { cell, key: costKey(cell) };
}
