// sampling/img2img.json: what diffusers' pipelines keep of a run for a strength, the noised picture, and the whole loop.
import { FewstepError, optionsOfDiffusersScheduler, planSampling, startLatents } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound } from "../stored-bound.js";
import { elementCount, networkOutput, noiseDraw, pictureLatents } from "./networks.js";
import { recordRun } from "./recorded-run.js";

interface StoredCase {
  readonly id: string;
  readonly scheduler: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: number;
  readonly strength: number;
  readonly kept: number;
  readonly timesteps: readonly number[];
  readonly empty?: boolean;
  readonly noisy?: readonly number[];
  readonly draws?: number;
  readonly final?: readonly number[];
}

interface StoredFile {
  readonly shape: readonly number[];
  readonly phase: number;
  readonly bound: string;
  readonly cases: readonly StoredCase[];
}

/** The noise schedule of all cases: Stable Diffusion's. */
const betas = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" };

export function* cases(file: unknown): Iterable<GoldenCase> {
  const stored = file as StoredFile;
  for (const one of stored.cases) yield { id: one.id, run: () => runCase(stored, one) };
}

async function runCase(file: StoredFile, one: StoredCase): Promise<readonly GoldenCheck[]> {
  const bound = parseBound(file.bound);
  const count = elementCount(file.shape);
  const options = {
    ...optionsOfDiffusersScheduler(one.scheduler, { ...betas, ...one.config }),
    steps: one.steps,
    strength: one.strength,
  };
  if (one.empty) {
    return [
      checkThat("refused", refusal(() => planSampling(options)) === "strength-too-low"),
      checkValues("kept", [0], [one.kept], bound),
      checkValues("timesteps", [], one.timesteps, bound),
    ];
  }
  const plan = planSampling(options);
  const image = pictureLatents(count, file.phase);
  const run = await recordRun({
    plan,
    count,
    phase: file.phase,
    image,
    network: (input, timestep, _sigma, phase) => networkOutput("epsilon", input, timestep, phase),
  });
  const noisy = startLatents(plan, () => noiseDraw(count, 0, file.phase), image);
  return [
    checkValues("kept", [plan.rows.length], [one.kept], bound),
    checkValues(
      "timesteps",
      run.calls.map((call) => call.timestep),
      one.timesteps,
      bound,
    ),
    checkValues("noisy", noisy, one.noisy ?? [], bound),
    checkValues("draws", [run.draws.length - 1], [one.draws ?? Number.NaN], bound),
    checkValues("final", run.final, one.final ?? [], bound),
  ];
}

function refusal(plan: () => unknown): string | undefined {
  try {
    plan();
    return undefined;
  } catch (error) {
    return error instanceof FewstepError ? error.code : undefined;
  }
}
