// Which accelerators fit what a user wants, with their settings and why. Pure. The order is that of published measurements where there are
// any, then fewer network calls; it is no verdict on pictures, and nothing without a licence is offered for commercial use.
import type { FamilyId } from "../families/family.js";
import type { AcceleratorForm, AcceleratorVariant } from "./accelerator.js";
import { variantId } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { type AppliedAccelerator, applyAccelerator } from "./apply.js";
import { measurementSource, measurements } from "./measured.js";

export interface Wish {
  readonly base: FamilyId;
  /** Pictures or a service are sold: only licences that allow it. Default false. */
  readonly commercial?: boolean;
  /** A negative prompt must act. Default false. */
  readonly negativePrompt?: boolean;
  /** Most network calls a picture may take; guidance doubles a step's. */
  readonly networkCalls?: number;
  /** Forms that can be used; default all. */
  readonly forms?: readonly AcceleratorForm[];
}

export interface Recommendation {
  readonly variant: AcceleratorVariant;
  readonly applied: AppliedAccelerator;
  readonly networkCalls: number;
  /** Published ImageReward at the settings given, if measured. */
  readonly imageReward?: number;
  readonly reasons: readonly string[];
  readonly cautions: readonly string[];
}

/** Best first; empty where nothing fits. */
export function recommend(wish: Wish): readonly Recommendation[] {
  return acceleratorVariants
    .filter((variant) => fits(variant, wish))
    .map(recommendation)
    .filter(({ networkCalls }) => networkCalls <= (wish.networkCalls ?? Infinity))
    .toSorted((a, b) => (b.imageReward ?? -Infinity) - (a.imageReward ?? -Infinity) || a.networkCalls - b.networkCalls);
}

function fits({ base, form, licence, ranges, negative }: AcceleratorVariant, wish: Wish): boolean {
  if (base !== wish.base || !(wish.forms?.includes(form) ?? true)) return false;
  if (wish.commercial === true && licence.commercial !== "yes") return false;
  return wish.negativePrompt !== true || (ranges.publishedGuidance[1] > 1 && negative === "acts");
}

function recommendation(variant: AcceleratorVariant): Recommendation {
  const { settings, licence, trained } = variant;
  const measured = measurements.find((one) => one.variant === variantId(variant) && one.steps === settings.steps);
  const networkCalls = settings.steps * (settings.guidance === 1 ? 1 : 2);
  return {
    variant,
    applied: applyAccelerator(variant),
    networkCalls,
    ...(measured === undefined ? {} : { imageReward: measured.imageReward }),
    reasons: [
      `${networkCalls} network calls`,
      ...(measured === undefined
        ? []
        : [`ImageReward ${measured.imageReward} at ${measured.steps} steps (${measurementSource})`]),
      ...(settings.guidance > 1 ? ["negative prompts act"] : []),
    ],
    cautions: [
      ...(licence.commercial === "no" ? [`${licence.name}: not for commercial use`] : []),
      ...(licence.commercial === "unstated" ? ["no licence is declared: ask before commercial use"] : []),
      ...(variant.sizeIsLimit ? [`${settings.size} pixels only`] : []),
      ...(trained.length === 0 ? ["settings are a community's, not a paper's"] : []),
    ],
  };
}
