// No --model: the small model that ships with fewstep, its usual settings, and its own LoRAs for --accelerator lcm, lightning, hyper or turbo.
// Whatever was written by hand stays.
import { NO_ACCELERATOR } from "./accelerate-run.js";
import { parseLora } from "./lora-option.js";
import type { RequestOptions } from "./request-options.js";

export interface EmbeddedRun<T> {
  readonly options: T;
  /** What was taken, for the user; undefined where a model was named. */
  readonly note?: string;
}

/** The options as they are where a model is named, or where none is embedded. */
export async function withEmbeddedModel<T extends RequestOptions>(options: T): Promise<EmbeddedRun<T>> {
  if (options.model !== undefined) return { options };
  const { TINY_ACCELERATORS, TINY_SETTINGS, TINY_SIZE, TINY_VARIANTS, tinyLora, tinyModel } = await import(
    "@fewstep/tiny/model"
  );
  const model = (await tinyModel())?.path;
  if (model === undefined) return { options };
  const own = TINY_ACCELERATORS.find((name) => [name, TINY_VARIANTS[name]].includes(options.accelerator ?? ""));
  const lora = own && options.lora.length === 0 ? (await tinyLora(own))?.path : undefined;
  const note = `no --model: the embedded model of ${TINY_SIZE}x${TINY_SIZE} pixels`;
  if (own !== undefined && lora !== undefined)
    return { options: { ...options, model, lora: [parseLora(lora)], accelerator: TINY_VARIANTS[own] }, note };
  const { steps, timesteps, sigmas, accelerator = NO_ACCELERATOR } = options;
  const isSaid = [steps, timesteps, sigmas].some((one) => one !== undefined);
  if (isSaid || accelerator !== NO_ACCELERATOR || options.lora.length > 0)
    return { options: { ...options, model }, note };
  const { guidance, ...sampling } = TINY_SETTINGS;
  return { options: { ...sampling, cfg: [guidance], ...options, model }, note: `${note}, ${sampling.steps} steps` };
}
