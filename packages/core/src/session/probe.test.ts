import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { compile } from "../graph/onnx/compile.js";
import { CPU, PORTABLE } from "../graph/onnx/dialect.js";
import type { Tensor } from "../tensor/tensor.js";
import { runSession, sessionOptions } from "./ort-runtime.js";
import { probe, type TryModel } from "./probe.js";
import { probeTrials } from "./probe-trials.js";

const onCpu: TryModel = async (model, feeds) => {
  const session = await ort.InferenceSession.create(model, { ...sessionOptions("cpu"), intraOpNumThreads: 1 });
  try {
    return (await runSession(ort, session, feeds)).outputs;
  } finally {
    await session.release();
  }
};

/** The CPU with one output off by a little in its last place. */
const off =
  (output: string, by: number): TryModel =>
  async (model, feeds) => {
    const outputs = await onCpu(model, feeds);
    const found = outputs[output];
    if (found === undefined) return outputs;
    const data = Float32Array.from(found.data as Float32Array);
    data[data.length - 1]! += by;
    return { ...outputs, [output]: { ...found, data } as Tensor };
  };

describe("probe", () => {
  it("finds that the CPU computes everything right", async () => {
    const { dialect, checks } = await probe(onCpu, PORTABLE);
    expect(dialect).toEqual({ ...PORTABLE, fusedAttention: true, lateCasts: { f16: "sum" } });
    expect(checks.length).toBe(12);
    for (const { name, difference } of checks) expect(difference, name).toBeLessThan(2e-5);
  });

  it("keeps the late casts that a dialect has", async () => {
    expect((await probe(onCpu, CPU)).dialect).toEqual(CPU);
  });

  it("leaves out a fused operation that is wrong", async () => {
    const { dialect, checks } = await probe(off("text", 0.01), PORTABLE);
    expect(dialect.fusedAttention).toBe(false);
    expect(checks.find(({ name }) => name === "fused attention: text")!.difference).toBeCloseTo(0.01, 4);
  });

  it("takes an answer that is no number, or too short, as wrong", async () => {
    expect((await probe(off("wide", Number.NaN), PORTABLE)).dialect.fusedAttention).toBe(false);
    const short: TryModel = async (model, feeds) => {
      const outputs = await onCpu(model, feeds);
      const { self } = outputs;
      return self === undefined ? outputs : { ...outputs, self: { ...self, data: self.data.slice(1) } as Tensor };
    };
    expect((await probe(short, PORTABLE)).dialect.fusedAttention).toBe(false);
  });

  it("leaves out what the device refuses", async () => {
    const refusing: TryModel = async (model, feeds) => {
      const outputs = await onCpu(model, feeds);
      if ("product" in outputs) throw new Error("Program Cast requires f16 but the device does not support it");
      return outputs;
    };
    const { dialect, checks } = await probe(refusing, PORTABLE);
    expect(dialect.lateCasts).toEqual({});
    expect(checks.at(-1)).toMatchObject({ difference: undefined });
  });

  it("refuses a device that gets an operation wrong that has no other form", async () => {
    await expect(probe(off("convolution", 0.01), PORTABLE)).rejects.toMatchObject({
      code: "device-wrong",
      found: expect.stringContaining("convolution is off by 1.0e-2"),
    });
  });

  it("tries late casts by a graph that has one", () => {
    const { graph, weights, stored } = probeTrials().find(({ offers }) => offers.lateCasts !== undefined)!;
    const locate = ({ name }: { readonly name: string }) => ({ bytes: stored.get(name)! });
    const dialect = { ...PORTABLE, lateCasts: { f16: "sum" } as const };
    const [late, early] = (["late", "early"] as const).map((casts) =>
      compile(graph, weights, { dialect, casts, locate }),
    );
    expect(late!.model.length).toBeGreaterThan(early!.model.length);
  });

  it("passes an interruption on", async () => {
    const controller = new AbortController();
    const stopped: TryModel = async (model, feeds) => {
      const outputs = await onCpu(model, feeds);
      if ("self" in outputs) controller.abort();
      if (controller.signal.aborted) throw new Error("stopped");
      return outputs;
    };
    await expect(probe(stopped, PORTABLE, controller.signal)).rejects.toThrow("stopped");
  });
});
