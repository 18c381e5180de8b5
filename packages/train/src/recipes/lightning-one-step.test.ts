import { layoutSafetensors, openSafetensors, partsOf, readTensor, writeSafetensors } from "@fewstep/core";
import { beforeAll, describe, expect, it } from "vitest";
import { ONE_STEP_METADATA, unetFileTensors } from "../export/unet-file.js";
import { unpackFlat } from "../flat/layout.js";
import { initialWeights } from "../models/initial-weights.js";
import type { LearningRate } from "../optim/learning-rate.js";
import { encoderCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import { lightningOneStepRecipe, oneStepLayout } from "./lightning-one-step.js";
import { distilledNetworks } from "./teacher.js";
import { beforeAndAfter, canonicalOf, distillOptions, model, runOf, SHAPE, trainedBase } from "./toy.test.fixture.js";

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(40);
});

const lora = { rank: 4, alpha: 4 };
interface Changed {
  readonly iterations: number;
  readonly teacherSteps?: number;
  readonly adversarial?: "conditional" | "unconditional";
  readonly learningRate?: LearningRate;
}

const layout = oneStepLayout({ base: { unet: model.unet } });
const recipe = ({ iterations, teacherSteps = 1, adversarial, learningRate }: Changed) =>
  lightningOneStepRecipe({
    ...distillOptions(base, 4),
    iterations,
    learningRate: learningRate ?? { peak: 1e-3, decay: "constant" },
    // near pure noise the toy teacher's own x0 is far off: 15 times its error in epsilon
    timesteps: [250, 500],
    teacherSteps,
    teacherAdapter: initialWeights(distilledNetworks(base.unet, base.nameOf, lora).layout, "lora", 1),
    copy: canonicalOf(base),
    ...(adversarial
      ? {
          adversarial: {
            critic: encoderCritic(base, SHAPE, adversarial === "conditional", canonicalOf(base)),
            learningRate: { peak: 1e-4, decay: "constant" as const },
          },
        }
      : {}),
  });

describe("Lightning's one-step model", () => {
  it("learns to answer the picture instead of the noise", async () => {
    const [before, after] = await beforeAndAfter(recipe, {
      resident: "unet.p",
      metric: "squared",
      peak: 1e-3,
      iterations: 40,
    });
    expect(after).toBeLessThan(0.8 * before);
  });
  it("is written as a UNet that says that its output is the picture", async () => {
    const vector = recipe({ iterations: 1 }).initial.get("unet.p")!;
    const tensors = unetFileTensors(model.unet, { layout, vector });
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of writeSafetensors(layoutSafetensors(tensors, ONE_STEP_METADATA)))
      chunks.push(chunk.slice());
    const { weights, metadata } = await openSafetensors({ name: "one.safetensors", blob: new Blob(chunks) });
    const { unet, unclaimed } = partsOf(weights);
    expect(unclaimed).toEqual([]);
    expect(unet!.config).toEqual(model.unet);
    expect(metadata.get("modelspec.prediction_type")).toBe("sample");
    const values = unpackFlat(layout, vector);
    for (const name of ["conv_in.weight", "mid_block.resnets.0.conv1.weight", "conv_out.bias"]) {
      const read = await readTensor(unet!.weights.get(name)!);
      read.forEach((x, i) => {
        expect(Math.abs(x - values.get(name)![i]!)).toBeLessThanOrEqual(
          Math.abs(values.get(name)![i]!) * 2 ** -10 + 2 ** -24,
        );
      });
    }
  });
  it.each(["conditional", "unconditional"] as const)("goes on, %s, critic and student both", async (adversarial) => {
    const { lines, vectors } = await runOf(recipe({ iterations: 2, teacherSteps: 2, adversarial }));
    const start = recipe({ iterations: 2, teacherSteps: 2, adversarial }).initial;
    expect(lines.every(({ loss, critic }) => Number.isFinite(loss) && Number.isFinite(critic))).toBe(true);
    for (const name of ["unet.p", "critic.p"]) expect(vectors.get(name)).not.toEqual(start.get(name));
  });
});
