// Two AdamW steps of a distillation on one batch, by the recipe's own objective and the trainer's own training step: the parts of the first
// step, its gradients, and the losses, norms and weights of both.
import { overlay, readTensor, type Tensor, type UnetConfig } from "@fewstep/core";
import {
  addGradients,
  type FlatLayout,
  FROZEN,
  flatLayout,
  gradientName,
  hyperFeed,
  LORA,
  packFlat,
  type Trained,
  type TrainStepOptions,
  trainStep,
  unpackFlat,
} from "@fewstep/train";
import type { GoldenBench, GoldenCheck, GoldenEntry, GoldenTensors } from "../golden-case.js";
import { f32, partsOfModel, runOnce, unetFeeds } from "../networks/loaded.js";
import { type AdapterToTrain, adapterToTrain } from "./adapter.js";
import { checkAfter, checkRows, euclideanNorm } from "./compare.js";
import { type Objective, recipeObjective } from "./recipe-objectives.js";

const LEARNING_RATE = 1e-4;
const OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clip: 1,
  average: undefined,
};
const STEPS = 2;

type Answers = ReadonlyMap<string, Float32Array>;

/** Stable Diffusion's training schedule: betas are squares of equal steps of sqrt(beta). */
function alphaBars(): Float64Array {
  const [low, high] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
  let product = 1;
  return Float64Array.from({ length: 1000 }, (_, i) => {
    product *= 1 - (low + (i * (high - low)) / 999) ** 2;
    return product;
  });
}

export async function runDistillation(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const parts = await partsOfModel(bench, entry.model as string);
  const part = parts.unet!;
  const adapter = await adapterToTrain(bench, parts, entry.files![0]!);
  const objective = recipeObjective(/of the (\w+) loss/.exec(entry.call)?.[1] ?? "", {
    config: part.config,
    lora: adapter.lora,
    golden,
    timesteps: entry.parameters.timesteps as readonly number[],
    alphaBar: alphaBars(),
    addition: additionOf(part.config, golden),
  });
  const answers: Answers = new Map([
    ...(await firstStep(objective, adapter, overlay(part.weights, prefixed(adapter)), bench)),
    ...(await bothSteps(objective, adapter, part.weights, bench)),
  ]);
  return Object.keys(entry.outputs).flatMap((name) => {
    const answer = answers.get(/\.lora_(up|down)$/.test(name) ? `${name}.weight` : name);
    if (answer === undefined) throw new RangeError(`nothing answers ${name}`);
    const [, step, weight] = /^after\.(\d+)\.(.+)$/.exec(name) ?? [];
    if (weight === undefined) return checkRows(name, answer, golden, entry);
    return checkAfter(Number(step), weight, answer, golden, entry, LEARNING_RATE);
  });
}

/** The adapter under the names of the student and of the student without a gradient. */
function prefixed({ weights }: AdapterToTrain): AdapterToTrain["weights"] {
  const prefixes = [LORA, FROZEN + LORA];
  const names = prefixes.flatMap((prefix) => [...weights.names].map((name) => [prefix + name, name] as const));
  const original = new Map(names);
  return {
    names: new Set(original.keys()),
    has: (name) => original.has(name),
    get: (name) => weights.get(original.get(name) ?? ""),
  };
}

function additionOf(config: UnetConfig, golden: GoldenTensors): Tensor | undefined {
  if (config.additionWidth === undefined) return undefined;
  const named = new Map([...golden, ["sample", golden.get("latents")!], ["timestep", golden.get("w")!]]);
  return unetFeeds({ config } as never, named).addition;
}

/** noisy, previous, model, target and the clipped gradients, before any update. */
async function firstStep(
  { graph: objective, feeds }: Objective,
  adapter: AdapterToTrain,
  weights: AdapterToTrain["weights"],
  bench: GoldenBench,
): Promise<Answers> {
  const names = [...adapter.weights.names];
  const graph = addGradients(
    objective,
    "loss",
    names.map((name) => LORA + name),
  );
  const outputs = await runOnce(bench.runtime, graph, weights, feeds);
  // where the teacher's end is what the student should reach, it has one name
  const part = (name: string) => outputs[name] ?? outputs.previous!;
  const parts = ["noisy", "previous", "model", "target"].map((name) => [name, part(name).data] as const);
  // the reference stored them as the optimiser got them: clipped, as torch's clip_grad_norm_ does
  const raw = names.map((name) => outputs[gradientName(LORA + name)]!.data as Float32Array);
  const scale = Math.min(1, OPTIMISER.clip / (euclideanNorm(raw) + 1e-6));
  const gradients = names.map((name, i) => [`grad.${name}`, raw[i]!.map((value) => value * scale)] as const);
  return new Map([...parts, ...gradients]) as Answers;
}

async function packed(layout: FlatLayout, { weights }: AdapterToTrain): Promise<Float32Array> {
  const read = new Map<string, Float32Array>();
  for (const { name } of layout.entries) read.set(name, await readTensor(weights.get(name)!));
  return packFlat(layout, ({ name }) => read.get(name)!);
}

/** loss.k, norm.k and after.k.NAME. */
async function bothSteps(
  { graph: objective, feeds }: Objective,
  adapter: AdapterToTrain,
  weights: AdapterToTrain["weights"],
  bench: GoldenBench,
): Promise<Answers> {
  const shapes = objective.weights.filter(({ id }) => id.startsWith(LORA));
  const layout = flatLayout(shapes.map(({ id, shape }) => ({ id: id.slice(LORA.length), shape })));
  const trained: Trained = { name: "lora", layout, prefix: LORA, loss: "loss", options: OPTIMISER };
  const program = trainStep(objective, [trained], [{ resident: "lora.p", layout, prefix: FROZEN + LORA }]);
  const zeros = new Float32Array(layout.length);
  const residents = new Map([
    ["lora.p", await packed(layout, adapter)],
    ["lora.m", zeros],
    ["lora.v", zeros],
  ]);
  const answers = new Map<string, Float32Array>();
  const session = await bench.runtime.load(program.graph, weights);
  for (let step = 0; step < STEPS; step++) {
    const vectors = [...residents].map(([name, data]) => [name, f32([layout.length], data)]);
    const hyper = hyperFeed(trained, step, LEARNING_RATE);
    const outputs = await session.run({ ...feeds, ...Object.fromEntries(vectors), ...hyper });
    for (const [output, resident] of program.updates) residents.set(resident, outputs[output]!.data as Float32Array);
    answers.set(`loss.${step}`, outputs.loss!.data as Float32Array);
    answers.set(`norm.${step}`, outputs["norm:lora"]!.data as Float32Array);
    const after = unpackFlat(layout, residents.get("lora.p")!);
    for (const [name, values] of after) answers.set(`after.${step}.${name}`, values);
  }
  await session.dispose();
  return answers;
}
