// What a finished comparison advises, by goal, and how sure that is: a paired bootstrap over prompts and seeds. Where the best cannot be told
// from the next it says so and names those that are level. The numbers it rests on are part of the answer.

import { FewstepError } from "../errors.js";
import { type Interval, pairedBootstrap } from "./bootstrap.js";
import type { Configuration, UnitResult } from "./configuration.js";

export type Goal =
  | { readonly kind: "fastest" | "quality" | "balanced" | "closest" | "adherence" }
  /** The best quality that takes no more than this. */
  | { readonly kind: "budget"; readonly seconds?: number; readonly bytes?: number };

export interface RankedConfiguration extends Interval {
  readonly id: string;
  readonly label: string;
  /** Share of resamples in which it is the best. */
  readonly wins: number;
  readonly cells: readonly string[];
}

export interface RunRecommendation {
  readonly goal: Goal;
  readonly verdict: "winner" | "no-clear-winner" | "not-measured";
  /** Best mean, whatever the verdict. */
  readonly pick?: string;
  /** Configurations that cannot be told from the best. */
  readonly level: readonly string[];
  /** Prompts times seeds on which all were compared. */
  readonly units: number;
  readonly unit: string;
  /** In words. */
  readonly statement: string;
  /** Best first. */
  readonly ranking: readonly RankedConfiguration[];
}

/** The fewest pairs of which a paired sign test can reach 5 percent, (1/2)^5: what a bootstrap of fewer says is luck. */
const LEAST_UNITS = 5;
/** A rival that is as good in more than this share of resamples is level: a one-sided test at 5 percent. */
const LEVEL = 0.05;
/** Balanced: doubling the time must bring this much quality. */
const DOUBLING_WORTH = 0.05;

interface Measure {
  readonly unit: string;
  /** Higher is better; undefined: not measured. */
  readonly value: (unit: UnitResult) => number | undefined;
  /** How the value is shown. */
  readonly shown: (value: number) => string;
  readonly what: string;
}

const NEEDS_REFERENCE = "pictures with a many-step reference";

function measureOf(goal: Goal): Measure {
  switch (goal.kind) {
    case "fastest":
      return {
        unit: "seconds a picture",
        value: ({ seconds }) => (seconds === undefined ? undefined : -seconds),
        shown: (value) => `${(-value).toPrecision(3)} s`,
        what: "times",
      };
    case "closest":
      return {
        unit: "perceptual distance to the many-step picture",
        value: ({ distance, failed }) => (failed ? -1 : distance === undefined ? undefined : -distance),
        shown: (value) => (-value).toFixed(3),
        what: NEEDS_REFERENCE,
      };
    case "adherence":
      return {
        unit: "share of the prompt that the judge reads",
        value: ({ adherence, failed }) => (failed ? 0 : adherence),
        shown: (value) => value.toFixed(3),
        what: "pictures that the judge read",
      };
    case "quality":
    case "budget":
      return {
        unit: "quality, 0 to 1",
        value: ({ quality }) => quality,
        shown: (value) => value.toFixed(3),
        what: NEEDS_REFERENCE,
      };
    case "balanced":
      return {
        unit: `quality less ${DOUBLING_WORTH} for each doubling of the time`,
        value: ({ quality, seconds }) =>
          quality === undefined || seconds === undefined ? undefined : quality - DOUBLING_WORTH * Math.log2(seconds),
        shown: (value) => value.toFixed(3),
        what: NEEDS_REFERENCE,
      };
    default:
      throw new FewstepError({ code: "unknown-goal", message: "no such goal", found: goal satisfies never });
  }
}

export function recommendRun(configurations: readonly Configuration[], goal: Goal): RunRecommendation {
  const measure = measureOf(goal);
  const allowed = configurations.filter((one) => withinBudget(one, goal) && isWhole(one, goal));
  const { compared, units } = commonUnits(allowed, measure);
  const nothing = {
    goal,
    verdict: "not-measured",
    level: [],
    units: units.length,
    unit: measure.unit,
    ranking: [],
  } as const;
  if (compared.length === 0) return { ...nothing, statement: whyNothing(configurations, allowed, goal, measure) };
  const values = compared.map(({ units: all }) => {
    const byUnit = new Map(all.map((one) => [one.unit, measure.value(one)!]));
    return units.map((unit) => byUnit.get(unit)!);
  });
  const { intervals, wins, rivals, best } = pairedBootstrap(values);
  const ranking = compared
    .map(({ id, label, units: all }, i) => ({
      id,
      label,
      ...intervals[i]!,
      wins: wins[i]!,
      cells: all.filter(({ unit }) => units.includes(unit)).map(({ cell }) => cell),
    }))
    .toSorted((a, b) => b.mean - a.mean);
  const level = compared.filter((_, i) => i !== best && rivals[i]! > LEVEL).map(({ id }) => id);
  const few = units.length < LEAST_UNITS;
  const clear = compared.length > 1 && level.length === 0 && !few;
  return {
    goal,
    verdict: clear ? "winner" : "no-clear-winner",
    pick: compared[best]!.id,
    level,
    units: units.length,
    unit: measure.unit,
    statement: stated(ranking, level, units.length, measure),
    ranking,
  };
}

function withinBudget({ seconds, peakBytes }: Configuration, goal: Goal): boolean {
  if (goal.kind !== "budget") return true;
  const fits = (value: number | undefined, limit: number | undefined) =>
    limit === undefined || (value !== undefined && value <= limit);
  return fits(seconds, goal.seconds) && fits(peakBytes, goal.bytes);
}

/** What fails is not fast: a configuration with a failed picture is no candidate for speed alone. */
function isWhole({ failures }: Configuration, { kind }: Goal): boolean {
  return kind !== "fastest" || failures === 0;
}

/** Configurations with a value on every unit that any of them has; those with gaps cannot be paired. */
function commonUnits(configurations: readonly Configuration[], { value }: Measure) {
  const measured = configurations.map((configuration) => ({
    configuration,
    units: new Set(configuration.units.filter((unit) => value(unit) !== undefined).map(({ unit }) => unit)),
  }));
  const most = Math.max(0, ...measured.map(({ units }) => units.size));
  const whole = measured.filter(({ units }) => units.size === most && most > 0);
  const units = [...(whole[0]?.units ?? [])].filter((unit) => whole.every((one) => one.units.has(unit)));
  return { compared: units.length === 0 ? [] : whole.map(({ configuration }) => configuration), units };
}

function whyNothing(
  all: readonly Configuration[],
  allowed: readonly Configuration[],
  goal: Goal,
  { what }: Measure,
): string {
  if (all.length === 0) return "nothing was computed";
  if (allowed.length === 0) {
    return goal.kind === "budget" ? "no configuration keeps to the budget" : "every configuration has a failed picture";
  }
  return `there are no ${what} to compare`;
}

function stated(
  ranking: readonly RankedConfiguration[],
  level: readonly string[],
  units: number,
  { shown, unit }: Measure,
): string {
  const [first, second] = ranking;
  const best = `${first!.label}: ${shown(first!.mean)} (${unit})`;
  const over = `over ${units} ${units === 1 ? "pair" : "pairs"} of prompt and seed`;
  if (second === undefined) return `${best}; it is the only configuration that could be measured, ${over}`;
  if (units < LEAST_UNITS) {
    return `no clear winner: ${best} is ahead of ${second.label} (${shown(second.mean)}), but ${units} ${units === 1 ? "pair says" : "pairs say"} nothing about other seeds; ${LEAST_UNITS} or more are needed`;
  }
  const sure = `best in ${Math.round(first!.wins * 100)} of 100 bootstrap resamples ${over}`;
  if (level.length === 0) return `${best}, ${sure}; next is ${second.label} with ${shown(second.mean)}`;
  const names = ranking.filter(({ id }) => level.includes(id)).map(({ label }) => label);
  return `no clear winner: ${best}, but it is only ${sure}; level with it: ${names.join("; ")}`;
}
