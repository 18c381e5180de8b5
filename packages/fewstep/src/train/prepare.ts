// Method -> its preparation.
import type { AdapterMethod, Method } from "./methods.js";
import { prepareAdapter } from "./prepare-adapter.js";
import { prepareBase } from "./prepare-base.js";
import { prepareOneStep } from "./prepare-one-step.js";
import { prepareVae } from "./prepare-vae.js";
import type { Prepared } from "./prepared.js";
import type { TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";

type Preparation = (options: TrainOptions, context: TrainContext) => Promise<Prepared>;

const adapter =
  (method: AdapterMethod): Preparation =>
  (options, context) =>
    prepareAdapter(method, options, context);

const PREPARATIONS: Readonly<Record<Method, Preparation>> = {
  vae: prepareVae,
  base: prepareBase,
  lcm: adapter("lcm"),
  lightning: (options, context) =>
    options.studentSteps === 1 ? prepareOneStep(options, context) : prepareAdapter("lightning", options, context),
  hyper: adapter("hyper"),
  turbo: adapter("turbo"),
};

export const prepare = (method: Method, options: TrainOptions, context: TrainContext): Promise<Prepared> =>
  PREPARATIONS[method](options, context);
