// From a raw network call to the one small interface in the middle: Denoise(x, point) -> denoised.
// Scales the input, asks for the outputs that guidance needs (in one call, so that a caller may batch them), mixes, converts.
import { FewstepError, interrupted } from "../errors.js";
import { type ConditioningRole, guided, neededRoles } from "./guider.js";
import { scalings } from "./prediction.js";
import { type Point, type SamplingPlan, type SamplingRow, sigmaValue } from "./sampling-plan.js";
import { scaled, type Values, weightedSum } from "./values.js";

export interface PredictRequest<V extends Values> {
  /** Already brought to unit variance; all pictures of the batch, one after the other. */
  readonly input: V;
  readonly timestep: number;
  /** Of this call; Infinity at zero terminal SNR. */
  readonly sigma: number;
  readonly row: SamplingRow;
  readonly index: number;
  /** One output is wanted for each, in this order. */
  readonly roles: readonly ConditioningRole[];
  readonly signal: AbortSignal | undefined;
}

/** The raw network: outputs in the meaning of the plan's prediction, one per role. */
export type Predict<V extends Values> = (request: PredictRequest<V>) => Promise<readonly V[]>;

/** (x, point) -> denoised, x in sigma coordinates. */
export type Denoise<V extends Values> = (x: V, point: Point) => Promise<V>;

export interface DenoiserOptions {
  /** Pictures in the batch; default 1. */
  readonly images?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The denoiser of one row of a plan. */
export function createDenoiser<V extends Values>(
  plan: Pick<SamplingPlan, "prediction" | "guidanceRescale">,
  predict: Predict<V>,
  row: SamplingRow,
  index: number,
  { images = 1, signal }: DenoiserOptions = {},
): Denoise<V> {
  const guidance = { scale: row.guidance, rescale: plan.guidanceRescale };
  const roles = neededRoles(guidance);
  return async (x, point) => {
    if (signal?.aborted) throw interrupted();
    const sigma = sigmaValue(point.sigma);
    const scale = scalings(plan.prediction, sigma, point.timestep);
    const input = scaled(x, scale.input);
    const outputs = await predict({ input, timestep: point.timestep, sigma, row, index, roles, signal });
    if (outputs.length !== roles.length || outputs.some((output) => output.length !== x.length)) {
      throw new FewstepError({
        code: "bad-network-output",
        kind: "failed",
        message: "the network returned outputs of another number or size",
        found: outputs.map((output) => output.length).join(", "),
        expected: `${roles.length} of ${x.length} values`,
      });
    }
    return weightedSum([scale.skip, x], [scale.output, guided(outputs, guidance, images)]);
  };
}
