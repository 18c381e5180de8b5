import { GraphBuilder } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { ROW } from "../flat/layout.js";
import { ortRunner } from "../node/ort-runner.js";
import { adamCorrections, adamw } from "./adamw.js";
import { clipNorm } from "./clip-norm.js";
import { ema, emaDecay } from "./ema.js";
import { learningRateAt } from "./learning-rate.js";
import { randomStream, shuffled } from "./random-stream.js";

const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
const MAX_NORM = 1;

/** The textbook update in doubles. */
function reference(
  state: { p: number[]; m: number[]; v: number[]; average: number[] },
  g: readonly number[],
  t: number,
) {
  const norm = Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
  const scale = Math.min(1, MAX_NORM / (norm + 1e-6));
  const [rate, decay] = [0.01 * t, emaDecay(t - 1, 0.999)];
  g.forEach((raw, i) => {
    const x = raw * scale;
    state.m[i] = 0.9 * state.m[i]! + 0.1 * x;
    state.v[i] = 0.99 * state.v[i]! + 0.01 * x * x;
    const [m, v] = [state.m[i]! / (1 - 0.9 ** t), state.v[i]! / (1 - 0.99 ** t)];
    state.p[i] = state.p[i]! * (1 - rate * 0.1) - (rate * m) / (Math.sqrt(v) + 1e-8);
    state.average[i] = decay * state.average[i]! + (1 - decay) * state.p[i]!;
  });
  return norm;
}

describe("the update of a flat vector", () => {
  it("equals the textbook's in doubles, step by step", async () => {
    const b = new GraphBuilder("update");
    const input = (name: string) => b.input(name, [ROW]);
    const [p, m, v, average, g] = ["p", "m", "v", "average", "g"].map(input) as [never, never, never, never, never];
    const scalar = (name: string) => b.input(name, [1]);
    const clipped = clipNorm(b, g, MAX_NORM);
    const scalars = { learningRate: scalar("rate"), correction1: scalar("c1"), correction2: scalar("c2") };
    const next = adamw(b, { p, m, v }, clipped.gradient, scalars, options);
    const outputs = { ...next, average: ema(b, average, next.p, scalar("decay")), norm: clipped.norm };
    const graph = b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value })));
    const program = { name: "update", graph, residents: new Set<string>(), updates: new Map<string, string>() };
    const runner = ortRunner({ threads: 1 });
    const random = randomStream(4, "adam", 0);
    const start = Array.from(random.normals(ROW));
    const state = { p: [...start], m: start.map(() => 0), v: start.map(() => 0), average: [...start] };
    const tensor = (values: readonly number[]) => ({
      dtype: "f32" as const,
      shape: [values.length],
      data: Float32Array.from(values),
    });
    let current = { p: start, m: state.m.slice(), v: state.v.slice(), average: start };
    for (let t = 1; t <= 4; t++) {
      // small enough not to be clipped every second time
      const gradient = Array.from(random.normals(ROW), (x) => Math.fround(x * (t % 2 === 0 ? 1 : 0.01)));
      const [c1, c2] = adamCorrections(t, options);
      const answers = await runner.run(program, {
        ...Object.fromEntries(Object.entries(current).map(([name, values]) => [name, tensor(values)])),
        g: tensor(gradient),
        rate: tensor([0.01 * t]),
        c1: tensor([c1]),
        c2: tensor([c2]),
        decay: tensor([emaDecay(t - 1, 0.999)]),
      });
      const norm = reference(state, gradient, t);
      expect(Number(answers.norm!.data[0]) / norm).toBeCloseTo(1, 5);
      const read = (name: string) => Array.from(answers[name]!.data as Float32Array);
      current = { p: read("p"), m: read("m"), v: read("v"), average: read("average") };
      for (const name of ["p", "m", "v", "average"] as const)
        current[name].forEach((x, i) => {
          expect(Math.abs(x - state[name][i]!)).toBeLessThan(2e-6);
        });
    }
    await runner.dispose();
  });
});

describe("schedules", () => {
  it("warm up, hold and fall", () => {
    const rate = { peak: 2, warmUp: 4, decay: "cosine", floor: 0.1 } as const;
    expect([0, 1, 2, 3, 4].map((i) => learningRateAt(rate, i, 104))).toEqual([0.5, 1, 1.5, 2, 2]);
    expect(learningRateAt(rate, 54, 104)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
    expect(learningRateAt(rate, 104, 104)).toBeCloseTo(0.2, 12);
    expect(learningRateAt({ peak: 2, decay: "constant" }, 99, 100)).toBe(2);
  });
  it("forget early weights", () => {
    expect([0, 1, 88, 1e6].map((n) => emaDecay(n, 0.99))).toEqual([1 / 12, 2 / 13, 89 / 100, 0.99]);
  });
});

describe("random streams", () => {
  it("repeat, and differ by seed, name and iteration", () => {
    const draw = (seed: number, name: string, iteration: number) =>
      randomStream(seed, name, iteration).normals(8).join();
    expect(draw(1, "a", 0)).toBe(draw(1, "a", 0));
    expect(new Set([draw(1, "a", 0), draw(2, "a", 0), draw(1, "b", 0), draw(1, "a", 1)]).size).toBe(4);
  });
  it("are uniform and normal, also across neighbouring iterations", () => {
    const across = Array.from({ length: 20_000 }, (_, i) => randomStream(5, "x", i).uniform());
    const along = (() => {
      const random = randomStream(5, "x", 0);
      return Array.from({ length: 20_000 }, () => random.uniform());
    })();
    for (const values of [across, along]) {
      const bins = new Array<number>(20).fill(0);
      for (const x of values) bins[Math.floor(x * 20)]!++;
      // chi squared with 19 degrees of freedom: above 50 once in 8,000 tries
      expect(bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(50);
    }
    const normals = randomStream(6, "n", 0).normals(50_000);
    const mean = normals.reduce((sum, x) => sum + x, 0) / normals.length;
    const square = normals.reduce((sum, x) => sum + x * x, 0) / normals.length;
    const fourth = normals.reduce((sum, x) => sum + x ** 4, 0) / normals.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(square - 1)).toBeLessThan(0.03);
    expect(Math.abs(fourth - 3)).toBeLessThan(0.2);
  });
  it("shuffle every epoch on its own", () => {
    const [first, second] = [shuffled(100, 1, 0), shuffled(100, 1, 1)];
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...first]).not.toEqual([...second]);
    expect([...first]).toEqual([...shuffled(100, 1, 0)]);
  });
});
