// The critic inside objectives: its reward and its features through the decoder, their gradients against finite differences, and its file.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromFloat32, type Graph, GraphBuilder, toFloat32, type VaeConfig } from "@fewstep/core";
import {
  addGradients,
  evaluate,
  type FrozenPart,
  frozenDecoder,
  initialWeights,
  randomStream,
  unpackFlat,
  vaeLayout,
} from "@fewstep/train";
import { ortRunner } from "@fewstep/train/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finiteDifferences } from "../../../train/src/interpreter/finite-differences.test.fixture.js";
import { interpret } from "../../../train/src/interpreter/interpret.test.fixture.js";
import { type Nd, nd } from "../../../train/src/interpreter/nd.test.fixture.js";
import { writeClassifier } from "../classifier/classifier-file.js";
import { CLASSES, classifierLayout, LOGITS } from "../classifier/network.js";
import { JUDGE } from "../judge/judge.js";
import { criticFeatures } from "./features.js";
import { criticFeedback, namedTargets, namesSomething } from "./feedback.js";
import { openCritic, writeCritic } from "./open-critic.js";

const SHAPE = { widths: [8, 16], size: 16 };
const VAE: VaeConfig = {
  channels: [4, 4, 4, 4],
  layers: 1,
  latentChannels: 4,
  pictureChannels: 3,
  quantised: true,
  groups: 2,
};
const LATENTS = [2, 4, 2, 2] as const;
const layout = vaeLayout(VAE);
const random = randomStream(1, "critic-parts", 0);
const spread = (length: number, deviation: number) => random.normals(length).map((x) => deviation * x);
const decoder = frozenDecoder({ config: VAE, layout, vector: spread(layout.length, 0.3) }, 0.18215);
const critic = { shape: SHAPE, vector: initialWeights(classifierLayout(SHAPE), "discriminator", 3) };

/** Weights of a graph as the numbers that the sources hold. */
function feedsOf(graph: Graph, { sources, residents }: FrozenPart): readonly (readonly [string, Nd])[] {
  const used = new Set(graph.weights.map(({ id }) => id));
  return sources.flatMap((source) =>
    [...unpackFlat(source.layout, residents.get(source.resident)!)]
      .filter(([name]) => used.has(source.prefix + name))
      .map(([name, values]) => {
        const { shape } = graph.weights.find(({ id }) => id === source.prefix + name)!;
        return [source.prefix + name, nd(shape, values)] as const;
      }),
  );
}
const latents = nd(LATENTS, spread(32, 0.05));

/** Largest difference of gradient and finite differences at some latents, beside the gradient's largest element. */
function worst(graph: Graph, feeds: ReadonlyMap<string, Nd>): readonly [difference: number, size: number] {
  const gradient = interpret(addGradients(graph, "loss", ["x0"]), feeds).get("grad:x0")!.data;
  const indices = [0, 5, 11, 17, 22, 31];
  const expected = finiteDifferences(graph, "loss", feeds, "x0", indices, 2 ** -10);
  const size = gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return [Math.max(...indices.map((index, i) => Math.abs(gradient[index]! - expected[i]!))), size];
}

const CAPTIONS = ["blue hair, smile, forest", "a sentence that names nothing at all"];

describe("the critic's reward", () => {
  const feedback = criticFeedback(critic, decoder, { threshold: -0.1, weight: 1 });
  const graph = (() => {
    const b = new GraphBuilder("reward");
    const reward = feedback.reward(b, b.input("x0", LATENTS));
    const loss = b.op("ReduceSum", [reward], { axes: [0], keepDims: false });
    return b.finish([
      { name: "loss", value: loss },
      { name: "reward", value: reward },
    ]);
  })();
  const { data } = namedTargets(CAPTIONS);
  const feeds = new Map([
    ...feedsOf(graph, feedback),
    ["x0", latents] as const,
    ["named", nd([2, CLASSES], data as Float32Array)] as const,
  ]);
  it("weighs each named attribute alike, and nothing where a caption names none", () => {
    const rows = [0, 1].map((n) => [...(data as Float32Array).subarray(n * CLASSES, (n + 1) * CLASSES)]);
    expect(rows[0]!.filter((x) => x > 0)).toEqual([1, 1, 1].map(() => Math.fround(1 / 3)));
    const hair = LOGITS.find(({ attribute }) => attribute === "hairColour")!;
    expect(rows[0]!.slice(hair.start, hair.end).filter((x) => x > 0).length).toBe(1);
    expect(rows[1]!.every((x) => x === 0)).toBe(true);
    expect(CAPTIONS.map(namesSomething)).toEqual([true, false]);
  });
  it("is a mean log probability of the decoded picture: below 0 for what is named, 0 where nothing is", () => {
    const [first, second] = interpret(graph, feeds).get("reward")!.data;
    expect(first).toBeLessThan(-0.5);
    expect(second).toBe(0);
  });
  it("has the gradient of finite differences through critic and decoder, and none for the caption that names nothing", () => {
    const [difference, size] = worst(graph, feeds);
    expect(size).toBeGreaterThan(1e-4);
    expect(difference / size).toBeLessThan(1e-6);
    const gradient = interpret(addGradients(graph, "loss", ["x0"]), feeds).get("grad:x0")!.data;
    expect([...gradient.slice(16)].every((x) => x === 0)).toBe(true);
  });
});

describe("the critic's features", () => {
  const features = criticFeatures(critic);
  const graph = (() => {
    const b = new GraphBuilder("features");
    const maps = features.see(b, "seen", decoder.decode(b, "decode", b.input("x0", LATENTS)));
    const means = [...maps.values()].map((map) => {
      const wave = b.op("Sin", [b.op("Affine", [map], { scale: 3, shift: 0.2 })]);
      return b.op("ReduceMean", [wave], { axes: [0, 1, 2, 3], keepDims: false });
    });
    return b.finish([{ name: "loss", value: means.reduce((x, y) => b.op("Add", [x, y])) }]);
  })();
  it("are the maps after all convolutions but the first", () => {
    expect([...features.maps]).toEqual([["convs.1", [1, 16, 4, 4]]]);
  });
  it("have the gradient of finite differences", () => {
    const feeds = new Map([...feedsOf(graph, decoder), ...feedsOf(graph, features), ["x0", latents] as const]);
    const [difference, size] = worst(graph, feeds);
    expect(size).toBeGreaterThan(1e-5);
    expect(difference / size).toBeLessThan(1e-6);
  });
  it("are the same numbers in the runner, whose vectors the sources name", async () => {
    const feeds = new Map([...feedsOf(graph, decoder), ...feedsOf(graph, features), ["x0", latents] as const]);
    const expected = interpret(graph, feeds).get("loss")!.data[0]!;
    const runner = ortRunner({ threads: 1 });
    for (const [name, vector] of [...decoder.residents, ...features.residents]) await runner.set(name, vector);
    const program = evaluate("features", graph, [...decoder.sources, ...features.sources]);
    const x0 = { dtype: "f32" as const, shape: [...LATENTS], data: Float32Array.from(latents.data) };
    const { loss } = await runner.run(program, { x0 });
    await runner.dispose();
    expect(Number(loss!.data[0])).toBeCloseTo(expected, 4);
  });
});

describe("the critic's file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fewstep-critic-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  it("says its own shape", async () => {
    const path = join(folder, "critic.safetensors");
    await writeCritic(path, SHAPE, critic.vector);
    const vector = toFloat32(fromFloat32(critic.vector, "f16"), "f16");
    expect(await openCritic(path)).toEqual({ ...critic, vector });
  });
  it("is not the judge's, which is refused", async () => {
    const path = join(folder, "judge.safetensors");
    await writeClassifier(path, JUDGE.name, SHAPE, critic.vector);
    await expect(openCritic(path)).rejects.toMatchObject({ code: "not-this-classifier" });
  });
});
