import { afterEach, describe, expect, it, vi } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import type { LazyTensor } from "../weights/weights.js";
import { weightsOf } from "../weights/weights.js";
import type { OrtTensor } from "./ort-tensors.js";
import { type WebOrtModule, webRuntime } from "./web-runtime.js";

afterEach(() => vi.unstubAllGlobals());

const builder = new GraphBuilder("test");
const sum = builder.op("Add", [builder.input("x", [2]), builder.weight("w", [2])]);
const graph = builder.finish([{ name: "y", value: sum }]);
const x = { dtype: "f32" as const, shape: [2], data: Float32Array.of(1, 2) };

function weights(blob: LazyTensor["file"]["blob"]) {
  const file = { name: "m.safetensors", blob };
  return weightsOf([["w", { name: "w", dtype: "f32", shape: [2], file, offset: 8, byteLength: 8 }]]);
}

interface Seen {
  options: Record<string, unknown>[];
  running: number;
  most: number;
  released: number;
}

/** Answers its feed; counts how many runs overlap. */
function fakeOrt(fail?: unknown): { ort: WebOrtModule; seen: Seen } {
  const seen: Seen = { options: [], running: 0, most: 0, released: 0 };
  class Tensor implements OrtTensor {
    constructor(
      readonly type: string,
      readonly data: unknown,
      readonly dims: readonly number[],
    ) {}
  }
  const create = async (_model: Uint8Array, options: Record<string, unknown>) => {
    if (fail !== undefined) throw fail;
    seen.options.push(options);
    return {
      outputNames: ["output:y"],
      async run(feeds: Record<string, OrtTensor>) {
        seen.running += 1;
        seen.most = Math.max(seen.most, seen.running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.running -= 1;
        return { "output:y": feeds.x! };
      },
      async release() {
        seen.released += 1;
      },
    };
  };
  return { seen, ort: { env: { wasm: {} }, Tensor, InferenceSession: { create } } };
}

/** As onnxruntime-web reads. */
async function streamed(blob: Blob): Promise<number[]> {
  const reader = blob.stream().getReader();
  const bytes: number[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    for (const byte of value) bytes.push(byte);
  }
}

describe("webRuntime", () => {
  it.each([
    ["a File", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes])],
    [
      "a source that is no Blob",
      (bytes: Uint8Array<ArrayBuffer>) => ({
        size: bytes.length,
        slice: (a: number, b: number) => ({ arrayBuffer: async () => bytes.slice(a, b).buffer }),
      }),
    ],
  ])("hands the weights of %s over unread, as a Blob to slice and stream", async (_name, source) => {
    const { ort, seen } = fakeOrt();
    const bytes = new Uint8Array(24).map((_, i) => i);
    const session = await webRuntime({ ort }).load(graph, weights(source(bytes)));
    const [mount] = seen.options[0]!.externalData as { path: string; data: Blob }[];
    expect(mount!.data).toBeInstanceOf(Blob);
    expect(mount!.data.size).toBe(8);
    expect(await streamed(mount!.data)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect(await streamed(mount!.data.slice(2, 5))).toEqual([10, 11, 12]);
    expect(await streamed(mount!.data.slice(2, 2))).toEqual([]);
    expect([...new Uint8Array(await mount!.data.slice(6).arrayBuffer())]).toEqual([14, 15]);
    expect((await session.run({ x })).y!.data).toEqual(x.data);
  });

  it("streams a weight of several chunks, and says where the file changed meanwhile", async () => {
    const { ort, seen } = fakeOrt();
    const bytes = new Uint8Array(2 * 2 ** 22 + 16).map((_, i) => i % 251);
    let size = bytes.length;
    const range = {
      size: bytes.length,
      slice: (a: number, b: number) => ({ arrayBuffer: async () => bytes.slice(a, Math.min(b, size)).buffer }),
    };
    const file = { name: "m.safetensors", blob: range };
    const large = { name: "w", dtype: "f32", shape: [2], file, offset: 8, byteLength: 2 * 2 ** 22 + 8 } as const;
    await webRuntime({ ort }).load(graph, weightsOf([["w", large]]));
    const [mount] = seen.options[0]!.externalData as { data: Blob }[];
    expect(Buffer.from(await streamed(mount!.data)).equals(bytes.subarray(8))).toBe(true);
    size = 2 ** 22;
    await expect(streamed(mount!.data)).rejects.toMatchObject({ code: "file-changed" });
  });

  it("refuses a weight that a browser cannot hold", async () => {
    const file = { name: "m.safetensors", blob: new Blob([]) };
    const huge = { name: "w", dtype: "f32", shape: [2], file, offset: 0, byteLength: 2 ** 30 + 1 } as const;
    const loading = webRuntime(fakeOrt()).load(graph, weightsOf([["w", huge]]));
    await expect(loading).rejects.toMatchObject({ code: "weight-too-large" });
  });

  it("does one thing at a time", async () => {
    const { ort, seen } = fakeOrt();
    const runtime = webRuntime({ ort });
    const session = await runtime.load(graph, weights(new Blob([new Uint8Array(24)])));
    await Promise.all([session.run({ x }), session.run({ x }), session.run({ x })]);
    expect(seen.most).toBe(1);
    expect(session.runSeconds).toBeGreaterThan(0.01);
  });

  it("lets every session go once", async () => {
    const { ort, seen } = fakeOrt();
    const runtime = webRuntime({ ort });
    const file = weights(new Blob([new Uint8Array(24)]));
    const first = await runtime.load(graph, file);
    await runtime.load(graph, file);
    await first.dispose();
    await first.dispose();
    await runtime.dispose();
    expect(seen.released).toBe(2);
  });

  it("stops when asked, before a call and after it", async () => {
    const { ort, seen } = fakeOrt();
    const session = await webRuntime({ ort }).load(graph, weights(new Blob([new Uint8Array(24)])));
    await expect(session.run({ x }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
    expect(seen.most).toBe(0);
    const controller = new AbortController();
    const running = session.run({ x }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await expect(running).rejects.toMatchObject({ code: "interrupted", kind: "interrupted" });
    expect((await session.run({ x })).y!.data).toEqual(x.data);
  });

  it("takes as many threads as the page may have, and refuses more", () => {
    const { ort } = fakeOrt();
    expect(() => webRuntime({ ort, threads: 2 })).toThrow(expect.objectContaining({ code: "threads-need-isolation" }));
    expect(webRuntime({ ort }).threads).toBe(1);
    vi.stubGlobal("crossOriginIsolated", true);
    vi.stubGlobal("navigator", { hardwareConcurrency: 6 });
    expect(webRuntime({ ort }).threads).toBe(6);
    expect(ort.env.wasm.numThreads).toBe(6);
    expect(webRuntime({ ort, threads: 2 }).threads).toBe(2);
    expect(webRuntime({ ort, device: "webgpu" }).threads).toBe(1);
  });

  it.each([
    [new Error("This session contains nodes, but fallback to CPU EP has been explicitly disabled"), "nodes-on-cpu"],
    [new Error("no available backend found. ERR: [webgpu] TypeError"), "device-missing"],
    [new Error("Failed to create a pipeline: A valid external Instance reference no longer exists."), "device-lost"],
    [1234567, "out-of-memory"],
    [new Error("protobuf parsing failed"), "runtime-failed"],
  ])("says what %s means", async (thrown, code) => {
    const loading = webRuntime(fakeOrt(thrown)).load(graph, weights(new Blob([new Uint8Array(24)])));
    await expect(loading).rejects.toMatchObject({ code, kind: "failed" });
  });
});
