// A run with what the rules ask of it worked out once: its accelerators, its plan, its guidance as one number. Pure.
import { FewstepError } from "../../errors.js";
import { planSampling } from "../../sampling/plan.js";
import { profiles } from "../../sampling/profiles.js";
import { type SamplerDefinition, samplerDefinitions } from "../../sampling/sampler-definitions.js";
import type { SamplerName, SamplerSettings } from "../../sampling/sampler-settings.js";
import type { SamplingPlan } from "../../sampling/sampling-plan.js";
import type { ScheduleName } from "../../sampling/schedules.js";
import type { AcceleratorVariant } from "../accelerator.js";
import type { LintAccelerator, LintAdapter, LintRun } from "./lint-run.js";

export interface LintContext {
  readonly run: LintRun;
  readonly accelerators: readonly LintAccelerator[];
  /** Style LoRAs and the like. */
  readonly adapters: readonly LintAdapter[];
  /** The first accelerator: the one whose settings count. */
  readonly used: LintAccelerator | undefined;
  readonly variant: AcceleratorVariant | undefined;
  readonly strength: number;
  readonly sampler: SamplerName;
  readonly definition: SamplerDefinition;
  readonly settings: SamplerSettings;
  /** Undefined where timesteps or sigmas are listed. */
  readonly schedule: ScheduleName | undefined;
  /** Steps asked for, listed ones counted. */
  readonly steps: number;
  /** Largest of the run. */
  readonly guidance: number;
  /** Undefined where planning refuses. */
  readonly plan: SamplingPlan | undefined;
  /** The code with which planning refuses. */
  readonly refusal: string | undefined;
}

export function lintContext(run: LintRun): LintContext {
  const { sampling, stack } = run;
  const accelerators = stack.filter((entry) => "variant" in entry);
  const used = accelerators[0];
  const sampler = sampling.sampler ?? "euler";
  const definition = samplerDefinitions[sampler];
  const { schedule = definition.schedule, timesteps, sigmas, guidance = 1 } = sampling;
  const listed = timesteps !== undefined || sigmas !== undefined;
  return {
    run,
    accelerators,
    adapters: stack.filter((entry) => "name" in entry),
    used,
    variant: used?.variant,
    strength: used?.strength ?? 1,
    sampler,
    definition,
    settings: {
      ...definition.settings,
      ...profiles[sampling.profile ?? "diffusers"].settings[sampler],
      ...sampling.settings,
    },
    schedule: listed ? undefined : typeof schedule === "string" ? schedule : schedule.name,
    steps: timesteps?.length ?? (sigmas === undefined ? (sampling.steps ?? 0) : sigmas.length - 1),
    guidance: typeof guidance === "number" ? guidance : Math.max(...guidance),
    ...planned(run),
  };
}

function planned({ sampling }: LintRun): Pick<LintContext, "plan" | "refusal"> {
  try {
    return { plan: planSampling(sampling), refusal: undefined };
  } catch (error) {
    if (error instanceof FewstepError) return { plan: undefined, refusal: error.code };
    throw error;
  }
}

/** Network calls of a plan: two where a row has a middle, and as many again with guidance. */
export function networkCalls({ rows }: SamplingPlan): number {
  return rows.reduce((sum, { middle, guidance }) => sum + (middle === undefined ? 1 : 2) * (guidance === 1 ? 1 : 2), 0);
}
