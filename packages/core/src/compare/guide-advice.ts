// The guide's advice beside what a run found: agreeing, not agreeing, or not tried. The advice is an opinion on a few pictures of anime models
// in 2024; a run is a measurement on the pictures it made. Neither is the truth about other models.

import { acceleratorVariants } from "../accelerators/accelerators.js";
import type { FamilyId } from "../families/family.js";
import type { Configuration } from "./configuration.js";
import { type RunRecommendation, recommendRun } from "./recommend-run.js";

export interface AdviceOutcome {
  readonly advice: string;
  readonly outcome: "agrees" | "disagrees" | "undecided" | "not-tried";
  readonly found: string;
}

interface ModelOf {
  readonly configuration: Configuration;
  readonly family: FamilyId;
  /** lcm, lightning, hyper, turbo ...; undefined for none. */
  readonly accelerator: string | undefined;
}

/** @param families family of each model by its name */
export function guideAdvice(
  configurations: readonly Configuration[],
  families: ReadonlyMap<string, FamilyId>,
): readonly AdviceOutcome[] {
  const known = configurations.flatMap((configuration): readonly ModelOf[] => {
    const family = families.get(configuration.settings.model);
    const name = configuration.settings.accelerator;
    const accelerator = acceleratorVariants.find(
      (variant) => variant.name === name || variant.accelerator === name,
    )?.accelerator;
    return family === undefined ? [] : [{ configuration, family, accelerator }];
  });
  return [turboIsLeftOut(known), lcmIsStable(known), hyperIsBest(known), anotherBase(known)];
}

const QUALITY = { kind: "quality" } as const;
const judged = (some: readonly ModelOf[]): RunRecommendation =>
  recommendRun(
    some.map(({ configuration }) => configuration),
    QUALITY,
  );
const withAccelerator = (all: readonly ModelOf[]) => all.filter(({ accelerator }) => accelerator !== undefined);

function turboIsLeftOut(all: readonly ModelOf[]): AdviceOutcome {
  const advice = "Leave Turbo out.";
  const accelerated = withAccelerator(all);
  const turbo = new Set(
    accelerated.filter(({ accelerator }) => accelerator === "turbo").map(({ configuration }) => configuration.id),
  );
  if (turbo.size === 0) return notTried(advice, "no Turbo cell was computed");
  if (turbo.size === accelerated.length) return notTried(advice, "nothing but Turbo was computed");
  const result = judged(accelerated);
  if (result.pick === undefined) return notTried(advice, result.statement);
  const isLevel = result.level.some((id) => turbo.has(id));
  if (!turbo.has(result.pick) && !isLevel) return { advice, outcome: "agrees", found: result.statement };
  return {
    advice,
    outcome: turbo.has(result.pick) && result.verdict === "winner" ? "disagrees" : "undecided",
    found: result.statement,
  };
}

function lcmIsStable(all: readonly ModelOf[]): AdviceOutcome {
  const advice = "SD1.5: LCM is stable.";
  const lcm = all.filter(({ family, accelerator }) => family === "sd15" && accelerator === "lcm");
  const units = lcm.flatMap(({ configuration }) => configuration.units);
  if (units.length === 0) return notTried(advice, "no LCM cell was computed on SD1.5");
  const failed = units.filter((unit) => unit.failed).length;
  const found = `${failed} of ${units.length} LCM pictures failed`;
  if (failed > 0) return { advice, outcome: "disagrees", found };
  return { advice, outcome: units.length < 3 ? "undecided" : "agrees", found };
}

function hyperIsBest(all: readonly ModelOf[]): AdviceOutcome {
  const advice = "SDXL: Hyper, Lightning or LCM all do; Hyper feels best.";
  const trio = all.filter(
    ({ family, accelerator }) => family === "sdxl" && ["hyper", "lightning", "lcm"].includes(accelerator ?? ""),
  );
  const kinds = new Set(trio.map(({ accelerator }) => accelerator));
  if (!kinds.has("hyper") || kinds.size < 2) return notTried(advice, "Hyper and one of the others are needed on SDXL");
  const result = judged(trio);
  if (result.pick === undefined) return notTried(advice, result.statement);
  if (result.verdict !== "winner") return { advice, outcome: "undecided", found: result.statement };
  const winner = trio.find(({ configuration }) => configuration.id === result.pick)?.accelerator;
  return { advice, outcome: winner === "hyper" ? "agrees" : "disagrees", found: result.statement };
}

function anotherBase(all: readonly ModelOf[]): AdviceOutcome {
  const advice = "An accelerator suits some bases and not others: if one fails, try another base.";
  const byAccelerator = new Map<string, ModelOf[]>();
  for (const one of withAccelerator(all)) {
    const key = `${one.family} ${one.configuration.settings.accelerator}`;
    byAccelerator.set(key, [...(byAccelerator.get(key) ?? []), one]);
  }
  const onSeveral = [...byAccelerator.values()].filter(
    (some) => new Set(some.map(({ configuration }) => configuration.settings.model)).size > 1,
  );
  if (onSeveral.length === 0) return notTried(advice, "no accelerator was tried on two models of one family");
  const results = onSeveral.map(judged);
  const clear = results.find(({ verdict }) => verdict === "winner");
  return {
    advice,
    outcome: clear === undefined ? "undecided" : "agrees",
    found: clear?.statement ?? results[0]!.statement,
  };
}

function notTried(advice: string, found: string): AdviceOutcome {
  return { advice, outcome: "not-tried", found };
}
