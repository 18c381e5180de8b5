// A run's steps beside the timesteps its accelerator was distilled at: where they agree, how far off they are, what is wasted.
// As data here, as text for a terminal in explain-text.ts, as a picture in explain-svg.ts.
import { type SamplingPlan, sigmaValue } from "../sampling/sampling-plan.js";
import type { AcceleratorVariant } from "./accelerator.js";

export interface ExplainedStep {
  readonly step: number;
  readonly timestep: number;
  readonly sigma: number;
  /** The trained timestep nearest to it; absent where none is known. */
  readonly trained?: number;
  /** Its distance from that. */
  readonly distance?: number;
}

export interface Explanation {
  readonly title: string;
  readonly sampler: string;
  readonly steps: readonly ExplainedStep[];
  /** Descending; empty where nobody says. */
  readonly trained: readonly number[];
  /** Largest and mean distance of a step from a trained timestep. */
  readonly farthest?: number;
  readonly mean?: number;
}

export function explainRun(plan: SamplingPlan, variant: AcceleratorVariant): Explanation {
  const { trained } = variant;
  const steps = plan.rows.map(({ timestep, sigma }, i): ExplainedStep => {
    const plain = { step: i + 1, timestep, sigma: sigmaValue(sigma) };
    const nearest = nearestOf(trained, timestep);
    return nearest === undefined ? plain : { ...plain, trained: nearest, distance: Math.abs(timestep - nearest) };
  });
  const distances = steps.flatMap(({ distance }) => distance ?? []);
  return {
    title: variant.title,
    sampler: plan.sampler.name,
    steps,
    trained,
    ...(distances.length === 0
      ? {}
      : {
          farthest: Math.max(...distances),
          mean: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
        }),
  };
}

function nearestOf(values: readonly number[], wanted: number): number | undefined {
  return values.reduce<number | undefined>(
    (best, value) => (best === undefined || Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best),
    undefined,
  );
}
