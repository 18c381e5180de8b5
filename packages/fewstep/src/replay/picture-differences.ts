// In what two pictures differ: their files, their settings, the switches of the tools that made them, their pixels.
import {
  type FamilyId,
  FewstepError,
  families,
  type GeneratePlan,
  type PictureSettings,
  type PlanDifference,
  planDifferences,
  planGenerate,
  requestOfSettings,
} from "@fewstep/core";
import type { PictureOrigin } from "./picture-origin.js";
import { type PixelDifference, pixelDifference } from "./pixel-difference.js";

/** A file, or where a plan is missing any other setting. */
export interface SettingDifference {
  readonly code: string;
  readonly values: readonly [string, string];
}

export interface PictureDifferences {
  readonly files: readonly SettingDifference[];
  readonly plans: readonly PlanDifference[];
  /** What keeps a plan from being made, a line each; then settings are compared as they are written. */
  readonly unplanned: readonly string[];
  /** Undefined: the pictures have different sizes. */
  readonly pixels: PixelDifference | undefined;
}

const FILES = ["model", "modelHash", "vae", "vaeHash", "loras", "embeddings", "hashes"] as const;
const PLAIN = [
  "prompt",
  "negative",
  "seed",
  "steps",
  "cfg",
  "sampler",
  "schedule",
  "width",
  "height",
  "clipSkip",
] as const;

export function pictureDifferences(one: PictureOrigin, other: PictureOrigin, family: FamilyId): PictureDifferences {
  const plans = [planned(one, family), planned(other, family)] as const;
  const problems = plans.flatMap((plan) => (typeof plan === "string" ? [plan] : []));
  const [first, second] = plans;
  const canPlan = typeof first !== "string" && typeof second !== "string";
  return {
    files: settingDifferences(FILES, one.settings, other.settings),
    plans: canPlan
      ? planDifferences(first, second)
      : settingDifferences(PLAIN, one.settings, other.settings).map((found) => ({
          ...found,
          kind: "setting",
          title: found.code,
        })),
    unplanned: problems,
    pixels: pixelDifference(one.pixels, other.pixels),
  };
}

/** fewstep's plan, or what the words of another tool come to; else why they do not. */
function planned({ name, plan, settings, tool }: PictureOrigin, family: FamilyId): GeneratePlan | string {
  if (plan !== undefined) return plan;
  try {
    const { request } = requestOfSettings(settings, tool, family);
    const { prediction } = families[family];
    const facts = { family: families[family], prediction, zeroTerminalSnr: false, embeddedGuidance: false };
    return planGenerate(facts, request);
  } catch (error) {
    if (error instanceof FewstepError) return `${name}: ${error.message.split("\n")[0]}`;
    throw error;
  }
}

function settingDifferences(
  names: readonly (keyof PictureSettings)[],
  one: PictureSettings,
  other: PictureSettings,
): readonly SettingDifference[] {
  return names.flatMap((code) => {
    const values = [shown(one[code]), shown(other[code])] as const;
    return values[0] === values[1] ? [] : [{ code, values }];
  });
}

function shown(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
