// What a comparison leaves open, in plain lines: a recommendation holds for what was tried and no further.
import { acceleratorVariants } from "../accelerators/accelerators.js";
import { type FamilyId, families } from "../families/family.js";
import type { Cell } from "./cell.js";

const FEW_SEEDS = 5;

export function notTried(cells: readonly Cell[]): readonly string[] {
  const tried = cells.filter(({ role, run }) => role === "candidate" && run !== undefined);
  const values = (key: "prompt" | "seed" | "sampler" | "cfg") =>
    new Set(tried.map(({ settings }) => settings[key])).size;
  // a model that stands for others takes none of their files
  const own = tried.filter(({ inPlaceOf }) => inPlaceOf === undefined);
  const bases = [...new Set(own.map(({ run }) => run!.model.family))];
  const empty = cells.filter((cell) => cell.empty !== undefined);
  const reasons = new Map(empty.map(({ empty: why, settings }) => [`${settings.accelerator}: ${why!.reason}`, true]));
  return [
    ...bases.flatMap((base) => untriedVariants(base, tried)),
    ...reasons.keys(),
    ...(values("prompt") === 1 ? ["one prompt only: another may turn the order"] : []),
    ...(tried.length > 0 && values("seed") < FEW_SEEDS
      ? [
          `${values("seed") === 1 ? "one seed" : `${values("seed")} seeds`} only: ${FEW_SEEDS} or more tell luck from settings`,
        ]
      : []),
  ];
}

function untriedVariants(base: FamilyId, tried: readonly Cell[]): readonly string[] {
  const used = new Set(tried.map(({ settings }) => settings.accelerator));
  const others = acceleratorVariants.filter((variant) => variant.base === base && !used.has(variant.name));
  const names = [...new Set(others.map(({ name }) => name))];
  return names.length === 0 ? [] : [`accelerators for ${families[base].title} without a cell: ${names.join(", ")}`];
}

/** Licences that matter to who sells pictures, a line each. */
export function licenceLines(cells: readonly Cell[]): readonly string[] {
  const lines = cells.flatMap(({ settings, licence }) => {
    if (licence === undefined || licence.commercial === "yes") return [];
    const limit = licence.commercial === "no" ? "not for commercial use" : "commercial use is not stated";
    return [`${settings.accelerator}: ${licence.name}, ${limit}`];
  });
  return [...new Set(lines)];
}
