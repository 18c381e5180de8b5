import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphBuilder } from "@fewstep/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flatLayout } from "../flat/layout.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { folderStore, LOG_FILE, STATE_FILE } from "../node/folder-store.js";
import { ortRunner } from "../node/ort-runner.js";
import { randomStream } from "../optim/random-stream.js";
import type { StepRunner } from "../program/program.js";
import { hyperFeed, trainStep } from "../program/train-step.js";
import { baseRecipe } from "../recipes/base.js";
import { lossAndNorm } from "../recipes/loss-and-norm.js";
import { initialState, type Recipe } from "../recipes/recipe.js";
import { baseOptions } from "../recipes/toy.test.fixture.js";
import type { LogLine } from "./store.js";
import { train } from "./train.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-train-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ITERATIONS = 8;
const recipe = baseRecipe({ ...baseOptions, batch: 2, iterations: ITERATIONS });

/** A convolution and a norm fitted to noise: what is built anew after each of many kills. */
function smallRecipe(): Recipe {
  const shape = [2, 8, 6, 6];
  const b = new GraphBuilder("small");
  const x = b.input("x", shape);
  const convolved = b.op("Conv", [x, b.weight("w", [8, 8, 3, 3])], { strides: [1, 1], pads: [1, 1, 1, 1] });
  const normed = b.op("GroupNorm", [convolved, b.weight("scale", [8]), b.weight("shift", [8])], {
    groups: 4,
    epsilon: 1e-5,
  });
  const loss = batchMean(b, squaredError(b, b.op("Silu", [normed]), x));
  const objective = b.finish([{ name: "loss", value: loss }]);
  const layout = flatLayout(objective.weights);
  const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clip: 1, average: 0.9 };
  const trained = { name: "small", layout, prefix: "", loss: "loss", options };
  const program = trainStep(objective, [trained], []);
  const initial = initialState("small", randomStream(1, "first", 0).normals(layout.length), options);
  return {
    name: "small",
    seed: 1,
    iterations: ITERATIONS,
    initial,
    state: [...initial.keys()],
    layouts: new Map([["small", layout]]),
    programs: [program],
    async iterate({ runner, index }) {
      const data = randomStream(1, "x", index).normals(2 * 8 * 6 * 6);
      const answers = await runner.run(program, {
        x: { dtype: "f32", shape, data },
        ...hyperFeed(trained, index, 1e-2),
      });
      return lossAndNorm(answers, "small");
    },
  };
}

async function withRunner<T>(use: (runner: StepRunner) => Promise<T>): Promise<T> {
  const runner = ortRunner({ threads: 1 });
  try {
    return await use(runner);
  } finally {
    await runner.dispose();
  }
}

const stateOf = async (runner: StepRunner, of: Recipe = recipe) =>
  Promise.all(of.state.map(async (name) => Buffer.from((await runner.get(name)).buffer).toString("base64")));

async function wholeRun(
  of: Recipe = recipe,
): Promise<{ readonly losses: readonly number[]; readonly state: readonly string[] }> {
  return withRunner(async (runner) => {
    const losses: number[] = [];
    for await (const { metrics } of train(of, { runner })) losses.push(metrics.loss!);
    return { losses, state: await stateOf(runner, of) };
  });
}

describe("resuming", () => {
  it("equals a run without a break to the bit, after 20 kills at random moments", async () => {
    const small = smallRecipe();
    const whole = await wholeRun(small);
    const random = randomStream(7, "kills", 0);
    let kills = 0;
    for (let round = 0; kills < 20; round++) {
      const store = folderStore(join(folder, String(round)));
      const losses = new Map<number, number>();
      for (let done = 0; done < ITERATIONS; ) {
        const lifetime = 1 + random.below(3);
        done = await withRunner(async (runner) => {
          let lived = 0;
          let last = done;
          // a killed process saves nothing on its way out: the loop is left behind, not ended
          const lines = train(small, { runner, store, saveEvery: 2 });
          for (;;) {
            const next = await lines.next();
            if (next.done) {
              expect(await stateOf(runner, small)).toEqual(whole.state);
              return ITERATIONS;
            }
            last = next.value.iteration;
            losses.set(last, next.value.metrics.loss!);
            if (++lived === lifetime && last < ITERATIONS) {
              kills++;
              return last - (last % 2);
            }
          }
        });
      }
      expect([...losses.entries()].sort(([a], [b]) => a - b).map(([, loss]) => loss)).toEqual(whole.losses);
    }
  });

  it("goes on after an interruption from where it was", async () => {
    const whole = await wholeRun();
    const store = folderStore(folder);
    const controller = new AbortController();
    const first = withRunner(async (runner) => {
      for await (const { iteration } of train(recipe, { runner, store, saveEvery: 100, signal: controller.signal }))
        if (iteration === 5) controller.abort();
    });
    await expect(first).rejects.toMatchObject({ code: "interrupted", kind: "interrupted" });
    expect((await store.load())?.iteration).toBe(5);
    await withRunner(async (runner) => {
      const lines: LogLine[] = [];
      for await (const line of train(recipe, { runner, store })) lines.push(line);
      expect(lines.map(({ iteration }) => iteration)).toEqual([6, 7, 8]);
      expect(await stateOf(runner)).toEqual(whole.state);
    });
    const log = (await readFile(join(folder, LOG_FILE), "utf8")).trimEnd().split("\n");
    expect(log.map((line) => (JSON.parse(line) as LogLine).iteration)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("a run that goes wrong", () => {
  /** A recipe whose loss is no number from the fourth iteration on. */
  const broken: Recipe = {
    name: "broken",
    seed: 1,
    iterations: 10,
    initial: new Map([["x", new Float32Array([0])]]),
    state: ["x"],
    layouts: new Map(),
    programs: [],
    async iterate({ runner, index }) {
      await runner.set("x", new Float32Array([index + 1]));
      return { loss: index < 3 ? 1 : Number.NaN };
    },
  };

  it("stops with the last good state intact", async () => {
    const store = folderStore(folder);
    const run = withRunner(async (runner) => {
      for await (const _ of train(broken, { runner, store, saveEvery: 2 }));
    });
    await expect(run).rejects.toMatchObject({ code: "loss-not-finite", kind: "failed" });
    const saved = await store.load();
    expect(saved?.iteration).toBe(2);
    expect([...saved!.residents.get("x")!]).toEqual([2]);
  });

  it("looks at every number that an iteration tells, a second network's too", async () => {
    const critic = { ...broken, iterate: async () => ({ loss: 1, norm: 1, critic: Number.NaN }) };
    const run = withRunner(async (runner) => {
      for await (const _ of train(critic, { runner }));
    });
    await expect(run).rejects.toMatchObject({ code: "loss-not-finite", message: expect.stringContaining("critic") });
  });

  it("refuses a state that was made with other options, and says which", async () => {
    const store = folderStore(folder);
    const start = (shaping?: Readonly<Record<string, unknown>>) =>
      withRunner(async (runner) => {
        const two = { ...broken, iterations: 2 };
        for await (const _ of train(two, { runner, store, ...(shaping && { shaping }) }));
      });
    await start({ rank: 8, learningRate: 1e-4, data: "a" });
    await start({ rank: 8, learningRate: 1e-4, data: "a" });
    await start();
    await expect(start({ rank: 8, learningRate: 1e-2 })).rejects.toMatchObject({
      code: "checkpoint-of-another-recipe",
      found: 'learningRate 0.0001, data "a"',
      expected: "learningRate 0.01, data nothing",
    });
  });

  it("clears up after a run that was killed: lines past the state, half a line, half a state", async () => {
    const line = (iteration: number): LogLine => ({ iteration, seconds: 1, metrics: { loss: 1 } });
    const store = folderStore(folder);
    const iterations = async () =>
      (await readFile(join(folder, LOG_FILE), "utf8"))
        .trimEnd()
        .split("\n")
        .map((text) => (JSON.parse(text) as LogLine).iteration);
    await store.append([line(1), line(2), line(3)]);
    await store.save({ recipe: "broken", seed: 1, iteration: 2, residents: new Map([["x", new Float32Array(2)]]) });
    await appendFile(join(folder, LOG_FILE), '{"iteration":4,"seco');
    await writeFile(join(folder, `${STATE_FILE}.1234.part`), "half");
    expect((await store.load())?.iteration).toBe(2);
    expect(await iterations()).toEqual([1, 2]);
    expect((await readdir(folder)).sort()).toEqual([LOG_FILE, STATE_FILE]);
    await store.append([line(3)]);
    expect(await iterations()).toEqual([1, 2, 3]);
  });

  it("starts the log anew where there is no state", async () => {
    await writeFile(join(folder, LOG_FILE), '{"iteration":1,"seconds":1,"metrics":{"loss":2}}\n');
    expect(await folderStore(folder).load()).toBeUndefined();
    expect(await readFile(join(folder, LOG_FILE), "utf8")).toBe("");
  });

  it("refuses a state of another recipe, another seed or another size", async () => {
    const store = folderStore(folder);
    const start = (other: Recipe) =>
      withRunner(async (runner) => {
        for await (const _ of train(other, { runner, store }));
      });
    await store.save({ recipe: "broken", seed: 1, iteration: 1, residents: new Map([["x", new Float32Array(2)]]) });
    const code = { code: "checkpoint-of-another-recipe" };
    await expect(start(broken)).rejects.toMatchObject({ ...code, message: expect.stringContaining("size") });
    await expect(start({ ...broken, seed: 2 })).rejects.toMatchObject(code);
    await expect(start({ ...broken, name: "other" })).rejects.toMatchObject(code);
  });

  it("ends early, saved, when told to", async () => {
    const store = folderStore(folder);
    await withRunner(async (runner) => {
      for await (const _ of train(broken, { runner, store, until: ({ iteration }) => iteration === 3 }));
    });
    expect((await store.load())?.iteration).toBe(3);
  });
});
