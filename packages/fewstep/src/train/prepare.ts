// Method -> its preparation.
import type { Method } from "./methods.js";
import { prepareBase } from "./prepare-base.js";
import { prepareVae } from "./prepare-vae.js";
import type { Prepared } from "./prepared.js";
import type { TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";

type Preparation = (options: TrainOptions, context: TrainContext) => Promise<Prepared>;

const PREPARATIONS: Readonly<Partial<Record<Method, Preparation>>> = {
  vae: prepareVae,
  base: prepareBase,
};

export const prepare = (method: Method, options: TrainOptions, context: TrainContext): Promise<Prepared> =>
  PREPARATIONS[method]!(options, context);
