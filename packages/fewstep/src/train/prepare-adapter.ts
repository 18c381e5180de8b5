// `fewstep train lcm|lightning|hyper|turbo`: a LoRA distilled from a checkpoint, on pictures encoded by its own autoencoder and captions
// encoded by its own text tower. Written in the published layout, with a folder of diffusers configs beside it.
import { layoutSafetensors, writeSafetensors } from "@fewstep/core";
import { distilledNetworks, LORA, loraMetadata, loraTensors } from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import { writeSchedulerConfig } from "../diffusers/write-configs.js";
import { ADAPTER_RECIPES } from "./adapter-recipes.js";
import { ADAPTER_USES } from "./adapter-uses.js";
import { distillationInputs, openAdapter } from "./distillation-inputs.js";
import type { AdapterMethod } from "./methods.js";
import { overBuckets } from "./over-buckets.js";
import type { Prepared } from "./prepared.js";
import { sampledSheets } from "./sampled-sheet.js";
import type { TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";

const SHEET_SEED = 5;

export async function prepareAdapter(
  method: AdapterMethod,
  options: TrainOptions,
  context: TrainContext,
): Promise<Prepared> {
  const { signal } = context;
  const inputs = await distillationInputs(method, options, context);
  const { teacher, vae, size, shown, notes } = inputs;
  const [shared] = inputs.buckets;
  const { base, lora, data, alphaBar, conditioning } = shared;
  const { layout, adapted } = distilledNetworks(base.unet, base.nameOf, lora);
  const [start, teacherAdapter] = await Promise.all(
    [options.start, options.teacherLora].map((path) =>
      path === undefined ? undefined : openAdapter(path, shared, signal),
    ),
  );
  const recipe = await overBuckets(inputs, (bucket) =>
    ADAPTER_RECIPES[method]({
      shared: { ...bucket, ...(start && { start }) },
      ...{ teacher, vae, options, teacherAdapter, signal },
    }),
  );
  const use = ADAPTER_USES[method](options);
  const drawSheet = sampledSheets();
  return {
    recipe,
    weights: teacher.unet.weights,
    notes,
    async write(runner, stop, updates) {
      const vector = await runner.get("lora.ema");
      const metadata = loraMetadata(lora, {
        method,
        accelerator: use.accelerator,
        steps: use.steps,
        ...(use.guidance > 1 ? { guidance: use.guidance } : {}),
        size,
        base: teacher.name,
        prediction: base.prediction,
        zeroTerminalSnr: teacher.zeroTerminalSnr,
        iterations: updates,
        seed: options.seed,
        options: JSON.stringify(reported(options)),
      });
      const file = loraTensors({ layout, vector, ...lora });
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(file, metadata), stop));
      const folder = await writeSchedulerConfig(options.out, use.scheduler, {
        prediction: base.prediction,
        zeroTerminalSnr: teacher.zeroTerminalSnr,
      });
      return [options.out, folder];
    },
    sheet(runner, stop) {
      const sampler = {
        unet: base.unet,
        network: adapted(LORA),
        prediction: base.prediction,
        sources: [{ resident: "lora.ema", layout, prefix: LORA }],
        conditioning,
        shape: data.shape,
        alphaBar,
      };
      const { timesteps, noise, guidance: scale } = use;
      const request = { captions: shown, timesteps, scale, noise, seed: SHEET_SEED };
      const guided = scale > 1 ? `, guidance ${scale}` : "";
      const title = `${method}, ${timesteps.length} ${timesteps.length === 1 ? "step" : "steps"}${guided}`;
      return drawSheet(runner, { sampler, request, vae, scalingFactor: teacher.scalingFactor, title }, stop);
    },
  };
}

/** What of the options tells how a LoRA came about: no paths of this machine. */
function reported(options: TrainOptions) {
  const { batch, learningRate, guidance, studentSteps, teacherSteps, adversarial, rank, firstSteps } = options;
  const { keepGuidance, feedbackWeight, feedbackThreshold } = options;
  const { scoreDistillation, scoreUpdates, scoreLearningRate, regressionWeight } = options;
  const { grid, targetAverage, noiseAlone, distillationWeight, buckets } = options;
  return {
    ...{ batch, learningRate, rank, studentSteps, teacherSteps, adversarial, firstSteps },
    ...{ grid, targetAverage, noiseAlone, distillationWeight, buckets },
    // adversarial stages of Lightning go by their teacher's LoRA, which has the guidance in it
    ...(keepGuidance === undefined ? (adversarial === undefined ? { guidance } : {}) : { keepGuidance }),
    ...(options.feedback === undefined ? {} : { feedback: true, feedbackWeight, feedbackThreshold }),
    ...(scoreDistillation ? { scoreDistillation, scoreUpdates, scoreLearningRate, regressionWeight } : {}),
    ...(options.critic === undefined ? {} : { critic: true }),
  };
}
