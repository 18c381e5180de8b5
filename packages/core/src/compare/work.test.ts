// What is shared, what it costs, and the runtime that shares it.
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import type { Graph } from "../graph/graph.js";
import type { Runtime, Session } from "../session/session.js";
import { weightsOf } from "../weights/weights.js";
import { estimateCost, observed, type Rates } from "./cost.js";
import { planGrid } from "./grid.js";
import { gridLora, gridModel } from "./grid-files.test.fixture.js";
import type { CellRecord } from "./record.js";
import { planWork, sharedLines } from "./shared-work.js";
import { SharingRuntime } from "./sharing-runtime.js";

const files = { models: [gridModel("one"), gridModel("two")], loras: [gridLora("lcm"), gridLora("tcd")] };
const grid = planGrid(
  {
    models: ["one", "two"],
    prompts: ["a cat", "a dog"],
    accelerators: ["lcm", "tcd"],
    strengths: [0.8, 1],
    steps: [2, 4],
    seeds: [1, 2, 3],
  },
  files,
);

describe("planWork", () => {
  it("counts what cells share", () => {
    const { shared } = planWork(grid.cells);
    expect(Object.fromEntries(shared.map(({ what, alone, shared: once }) => [what, [alone, once]]))).toEqual({
      pictures: [108, 108],
      // references have guidance, so the negative prompt is a third text
      texts: [120, 6],
      "text encoders": [108, 2],
      UNets: [108, 6],
      decoders: [108, 2],
    });
    expect(sharedLines(planWork(grid.cells))).toContain("UNets: 6 instead of 108");
  });

  it("changes networks as seldom as can be and makes references first", () => {
    const { cells } = planWork(grid.cells);
    const keys = cells.map(({ run }) => [run.model.hash, ...run.adapters.map(({ hash }) => hash)].join());
    expect(keys.filter((key, i) => key !== keys[i - 1])).toHaveLength(6);
    const seen = new Set<string>();
    for (const { id, reference } of cells) {
      if (reference !== undefined) expect(seen).toContain(reference);
      seen.add(id);
    }
  });

  it("leaves out what is done, and computes a picture of two places once", () => {
    const done = new Set(grid.cells.slice(0, 50).map(({ id }) => id));
    expect(planWork(grid.cells, done).cells).toHaveLength(58);
    expect(planWork([...grid.cells, ...grid.cells]).cells).toHaveLength(108);
  });
});

describe("cost", () => {
  const [cell] = grid.cells;
  const record = (steps: readonly number[], decode: number, calls = 2): CellRecord => ({
    id: cell!.id,
    status: "done",
    run: cell!.run!,
    timings: { loading: 1, steps, decode, total: 9 },
    calls,
    failures: [],
  });

  it("is unknown before anything was measured, then calls times rate", () => {
    expect(estimateCost(grid.cells, new Map())).toBeUndefined();
    const rates = observed(new Map(), cell!, record([9, 0.5, 0.5], 1, 3));
    expect(estimateCost([cell!], rates)).toEqual({
      seconds: cell!.calls * 0.5 + 1,
      pictures: 1,
      calls: cell!.calls,
      guessed: 0,
    });
  });

  it("is guessed by pixels for other sizes and models, and says so", () => {
    const rates: Rates = observed(new Map(), cell!, record([1], 1, 1));
    const large = planGrid(
      { models: ["one"], prompts: ["x"], accelerators: ["lcm"], sizes: ["1024x1024"], reference: false },
      files,
    );
    const [big] = large.cells;
    expect(estimateCost([big!], rates)).toEqual({ seconds: 4 * (4 * 1 + 1), pictures: 1, calls: 4, guessed: 1 });
  });

  it("is corrected by what was seen", () => {
    let rates = observed(new Map(), cell!, record([1], 1, 1));
    for (let i = 0; i < 20; i++) rates = observed(rates, cell!, record([2], 3, 1));
    const { seconds } = estimateCost([cell!], rates)!;
    expect(seconds).toBeCloseTo(cell!.calls * 2 + 3, 1);
  });
});

describe("SharingRuntime", () => {
  const graphOf = (name: string, input = "x", scale = 2): Graph => {
    const builder = new GraphBuilder(name);
    const value = builder.input(input, [2]);
    return builder.finish([{ name: "y", value: builder.op("Mul", [value, builder.scalar(scale)]) }]);
  };
  const empty = weightsOf([]);

  class CountingRuntime implements Runtime {
    readonly device = "test";
    loads = 0;
    runs = 0;
    disposed = 0;
    async load(graph: Graph): Promise<Session> {
      this.loads += 1;
      const counts = this;
      return {
        graph,
        createSeconds: 1,
        runSeconds: 0,
        async run() {
          counts.runs += 1;
          return { y: { dtype: "f32", shape: [1], data: Float32Array.of(counts.runs) } };
        },
        async dispose() {
          counts.disposed += 1;
        },
      };
    }
    async dispose(): Promise<void> {}
  }
  const x = (value: number) => ({ x: { dtype: "f32" as const, shape: [2], data: Float32Array.of(value, 0) } });
  const embedded = (value: number) => ({ embedded: x(value).x });

  it("gives one session for equal graphs, also after it was let go", async () => {
    const inner = new CountingRuntime();
    const runtime = new SharingRuntime(inner);
    const first = await runtime.load(graphOf("unet"), empty);
    const second = await runtime.load(graphOf("unet"), empty);
    expect([first.createSeconds, second.createSeconds]).toEqual([1, 0]);
    await first.dispose();
    await second.dispose();
    await runtime.load(graphOf("unet"), empty);
    expect([inner.loads, inner.disposed]).toEqual([1, 0]);
    await runtime.load(graphOf("unet", "x", 3), empty);
    await runtime.load(graphOf("unet"), empty, { casts: "late" });
    expect(inner.loads).toBe(3);
  });

  it("keeps no more idle sessions than allowed, and never ends one in use", async () => {
    const inner = new CountingRuntime();
    const runtime = new SharingRuntime(inner, { idle: 1 });
    const sessions = [];
    for (let i = 0; i < 4; i++) sessions.push(await runtime.load(graphOf("unet", "x", i), empty));
    expect(inner.disposed).toBe(0);
    for (const session of sessions) await session.dispose();
    expect(inner.disposed).toBe(3);
    // the one used last is still there
    await runtime.load(graphOf("unet", "x", 3), empty);
    expect(inner.loads).toBe(4);
  });

  it("encodes a text once and runs everything else every time", async () => {
    const inner = new CountingRuntime();
    const runtime = new SharingRuntime(inner, { texts: 2 });
    const text = await runtime.load(graphOf("text", "embedded"), empty);
    const unet = await runtime.load(graphOf("unet"), empty);
    for (const value of [1, 1, 2, 1]) await text.run(embedded(value));
    expect(inner.runs).toBe(2);
    await text.run(embedded(3));
    await text.run(embedded(1));
    expect(inner.runs).toBe(4);
    for (const value of [1, 1]) await unet.run(x(value));
    expect(inner.runs).toBe(6);
    expect(runtime.counts).toEqual({ loads: 2, created: 2, texts: 6, encoded: 4 });
  });
});
