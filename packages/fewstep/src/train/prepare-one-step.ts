// `fewstep train lightning --student-steps 1`: a whole UNet that answers the clean picture, since no LoRA can turn what a network predicts.
// Without --start it is turned from the teacher's UNet by squared error; with --start it goes on from such a file.
import {
  FewstepError,
  layoutSafetensors,
  openSafetensors,
  partsOf,
  type Weights,
  writeSafetensors,
} from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import {
  lightningOneStepRecipe,
  ONE_STEP_METADATA,
  oneStepLayout,
  readVector,
  unetFileTensors,
  unetNetwork,
  unpackFlat,
} from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import { writeSchedulerConfig } from "../diffusers/write-configs.js";
import { copiedCritic } from "./adapter-recipes.js";
import { faster } from "./adapter-run.js";
import { distillationInputs, openAdapter } from "./distillation-inputs.js";
import { overBuckets } from "./over-buckets.js";
import type { Prepared } from "./prepared.js";
import { sampledSheets } from "./sampled-sheet.js";
import type { TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";

const SHEET = { timesteps: [999], scale: 1, noise: "none", seed: 5 } as const;
const SCHEDULER = { name: "EulerDiscreteScheduler", settings: { timestep_spacing: "trailing" } };

/** @throws FewstepError `teacher-lora-missing`, `no-unet`, and the codes of distillationInputs */
export async function prepareOneStep(options: TrainOptions, context: TrainContext): Promise<Prepared> {
  const { signal } = context;
  const { teacherLora, teacherSteps, adversarial } = options;
  if (teacherLora === undefined)
    throw new FewstepError({
      code: "teacher-lora-missing",
      message: "one step is distilled from a LoRA of few steps",
      expected: "--teacher-lora FILE: the two-step stage's LoRA",
    });
  const inputs = await distillationInputs("lightning", options, context);
  const { teacher, vae, size, shown, notes } = inputs;
  const [shared] = inputs.buckets;
  const layout = oneStepLayout(shared);
  const from = options.start === undefined ? teacher.unet.weights : await unetOf(options.start, signal);
  const values = unpackFlat(layout, await readVector(layout, from, signal));
  const teacherAdapter = await openAdapter(teacherLora, shared, signal);
  const recipe = await overBuckets(inputs, async (bucket) =>
    lightningOneStepRecipe({
      ...bucket,
      teacherSteps,
      teacherAdapter,
      copy: (name) => values.get(name)!,
      ...(adversarial === undefined
        ? {}
        : {
            adversarial: {
              critic: await copiedCritic({ shared: bucket, teacher, signal }, adversarial === "conditional"),
              learningRate: faster(bucket.learningRate),
            },
          }),
    }),
  );
  const drawSheet = sampledSheets();
  return {
    recipe,
    weights: teacher.unet.weights,
    notes,
    async write(runner, stop, updates) {
      const metadata = {
        ...ONE_STEP_METADATA,
        "modelspec.resolution": `${size}x${size}`,
        "fewstep.size": String(size),
        "fewstep.iterations": String(updates),
        "fewstep.seed": String(options.seed),
      };
      const tensors = unetFileTensors(shared.base.unet, { layout, vector: await runner.get("unet.ema") });
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(tensors, metadata), stop));
      const noise = { prediction: "sample", zeroTerminalSnr: teacher.zeroTerminalSnr } as const;
      return [options.out, await writeSchedulerConfig(options.out, SCHEDULER, noise)];
    },
    sheet(runner, stop) {
      const { shape, base, conditioning, alphaBar } = shared;
      const network = unetNetwork(base.unet, (id) => id);
      const sources = [{ resident: "unet.ema", layout, prefix: "" }];
      const sampler = {
        unet: base.unet,
        network,
        prediction: "sample",
        sources,
        conditioning,
        shape,
        alphaBar,
      } as const;
      const { scalingFactor } = teacher;
      const request = { captions: shown, ...SHEET };
      return drawSheet(runner, { sampler, request, vae, scalingFactor, title: "lightning, 1 step" }, stop);
    },
  };
}

async function unetOf(path: string, signal: AbortSignal): Promise<Weights> {
  const source = await openFile(path);
  const { unet } = partsOf((await openSafetensors(source, signal)).weights);
  if (unet !== undefined) return unet.weights;
  throw new FewstepError({
    code: "no-unet",
    message: `${source.name} holds no UNet`,
    expected: "the UNet of an earlier one-step stage",
  });
}
