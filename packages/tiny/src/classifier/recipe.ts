// Trains a classifier on drawn pictures with exact labels: cross entropy of every attribute that a picture shows. Pictures are drawn as they
// are needed, none twice; noise and blur are added, so that what an autoencoder softens is still read.
import { GraphBuilder, type Tensor } from "@fewstep/core";
import {
  hyperFeed,
  initialState,
  initialWeights,
  type LearningRate,
  learningRateAt,
  type Metrics,
  type RandomStream,
  type Recipe,
  randomStream,
  trainStep,
} from "@fewstep/train";
import { labelsOf } from "../illustrator/labels.js";
import { renderScene } from "../illustrator/render.js";
import type { Scene } from "../illustrator/scene.js";
import { CLASSES, type ClassifierShape, classifierLayout, classify, LOGITS, logProbabilities } from "./network.js";

export interface ClassifierSpec extends ClassifierShape {
  readonly name: string;
  readonly seed: number;
  /** The scene of a picture of its own stream; held-out combinations as the spec wants them. */
  readonly scene: (index: number) => Scene;
  readonly batch: number;
  readonly iterations: number;
  readonly learningRate: LearningRate;
  /** Largest deviation of the noise that is added, in units of a picture's [-1, 1]. */
  readonly noise: number;
  /** Part of the pictures that are blurred by a 3x3 mean. */
  readonly blur: number;
}

const OPTIMISER = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clip: 1, average: 0.99 } as const;

function objective(spec: ClassifierSpec) {
  const b = new GraphBuilder(spec.name);
  const pictures = b.input("pictures", [spec.batch, 3, spec.size, spec.size]);
  const targets = b.input("targets", [spec.batch, CLASSES]);
  const { logits } = classify(b, pictures, spec);
  const chosen = b.op("Mul", [logProbabilities(b, logits), targets]);
  const sum = b.op("ReduceSum", [chosen], { axes: [0, 1], keepDims: false });
  return b.finish([{ name: "loss", value: b.op("Affine", [sum], { scale: -1 / spec.batch, shift: 0 }) }]);
}

/** One row a scene: 1 at the class of every attribute that it shows. */
export function targetsOf(scenes: readonly Scene[]): Tensor {
  const data = new Float32Array(scenes.length * CLASSES);
  scenes.forEach((scene, n) => {
    const labels = labelsOf(scene);
    for (const { attribute, start } of LOGITS)
      if (labels[attribute] >= 0) data[n * CLASSES + start + labels[attribute]] = 1;
  });
  return { dtype: "f32", shape: [scenes.length, CLASSES], data };
}

/** RGB bytes of squares as [N, 3, s, s] in [-1, 1]. */
export function planesOf(pictures: readonly Uint8Array[], size: number): Tensor {
  const area = size * size;
  const data = new Float32Array(pictures.length * 3 * area);
  pictures.forEach((pixels, n) => {
    for (let i = 0; i < area; i++)
      for (let c = 0; c < 3; c++) data[(n * 3 + c) * area + i] = pixels[i * 3 + c]! / 127.5 - 1;
  });
  return { dtype: "f32", shape: [pictures.length, 3, size, size], data };
}

/** The 3x3 mean of each channel, in place; edges repeat. */
export function blurred(pixels: Uint8Array, size: number): Uint8Array {
  const at = (x: number, y: number, c: number) =>
    pixels[(Math.min(size - 1, Math.max(0, y)) * size + Math.min(size - 1, Math.max(0, x))) * 3 + c]!;
  return Uint8Array.from(pixels, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % size, Math.floor(i / (3 * size))];
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += at(x + dx, y + dy, c);
    return Math.round(sum / 9);
  });
}

function augmented(planes: Tensor, spec: ClassifierSpec, random: RandomStream): Tensor {
  const data = planes.data as Float32Array;
  const each = data.length / spec.batch;
  for (let n = 0; n < spec.batch; n++) {
    const deviation = spec.noise * random.uniform();
    const noise = random.normals(each);
    for (let i = 0; i < each; i++) data[n * each + i]! += deviation * noise[i]!;
  }
  return planes;
}

export function classifierRecipe(spec: ClassifierSpec): Recipe {
  const { name, seed, iterations, batch, size } = spec;
  const layout = classifierLayout(spec);
  const trained = { name, layout, prefix: "", loss: "loss", options: OPTIMISER };
  const program = trainStep(objective(spec), [trained], []);
  const initial = initialState(name, initialWeights(layout, "discriminator", seed), OPTIMISER);
  return {
    name,
    seed,
    iterations,
    initial,
    state: [...initial.keys()],
    layouts: new Map([[name, layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, name, index);
      const scenes = Array.from({ length: batch }, (_, i) => spec.scene(index * batch + i));
      const drawn = scenes.map((scene) => renderScene(scene, size));
      const pictures = drawn.map((pixels) => (random.uniform() < spec.blur ? blurred(pixels, size) : pixels));
      const learningRate = learningRateAt(spec.learningRate, index, iterations);
      const answers = await runner.run(program, {
        pictures: augmented(planesOf(pictures, size), spec, random),
        targets: targetsOf(scenes),
        ...hyperFeed(trained, index, learningRate),
      });
      const number = (output: string) => Number(answers[output]!.data[0]);
      return { loss: number("loss"), norm: number(`norm:${name}`), learningRate };
    },
  };
}
