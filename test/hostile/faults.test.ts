// Faults while a model is in use: files that shrink or vanish, a computing process that is killed or cannot get memory, interruption.
// The caller lives on, hears why, and can go on with the next run.
import { copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FewstepError, GraphBuilder, openSafetensors, type Tensor, weightsOf } from "@fewstep/core";
import { type ChildRuntime, childRuntime, createPipeline, openFile } from "@fewstep/core/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HostileFolder, printedError } from "./hostile-command.js";
import { entry, raw, smallModel } from "./hostile-files.js";

let folder: HostileFolder;
let model: string;
let lora: string;
let runtime: ChildRuntime;

beforeAll(async () => {
  folder = new HostileFolder();
  model = await smallModel("sd15-tiny");
  lora = await smallModel("sd15-lora-kohya");
});
afterAll(() => folder.remove());
beforeEach(() => {
  runtime = childRuntime({ threads: 1 });
});
afterEach(() => runtime.dispose());

async function errorOf(work: Promise<unknown>): Promise<FewstepError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof FewstepError) return error;
  throw error;
}

/** y = W x, with W of 64 MB in a file: pages that are not read before the graph runs. */
async function productGraph(path: string) {
  const rows = 4096;
  writeFileSync(path, raw(`{"w":${entry("F32", `[${rows},${rows}]`, `[0,${4 * rows * rows}]`)}}`, 4 * rows * rows));
  const b = new GraphBuilder("product");
  const x = b.input("x", [1, rows]);
  const w = b.weight("w", [rows, rows]);
  const graph = b.finish([{ name: "y", value: b.op("Linear", [x, w]) }]);
  const { weights } = await openSafetensors(await openFile(path));
  const feeds: Record<string, Tensor> = { x: { dtype: "f32", shape: [1, rows], data: new Float32Array(rows).fill(1) } };
  return { graph, weights, feeds };
}

/** The runtime answers a graph of its own, which shows that another process has taken over. */
async function expectWorks(): Promise<void> {
  const b = new GraphBuilder("sum");
  const x = b.input("x", [2]);
  const graph = b.finish([{ name: "y", value: b.op("Add", [x, x]) }]);
  const session = await runtime.load(graph, weightsOf(new Map()));
  const { y } = await session.run({ x: { dtype: "f32", shape: [2], data: Float32Array.of(1, 2) } });
  expect([...(y!.data as Float32Array)]).toEqual([2, 4]);
}

describe("a model file", () => {
  test("that is cut short while it is mapped ends the computing process only, and the error says so", async () => {
    const path = join(folder.path, "mapped.safetensors");
    const { graph, weights, feeds } = await productGraph(path);
    const session = await runtime.load(graph, weights);
    truncateSync(path, 4096);
    const error = await errorOf(session.run(feeds));
    expect(error).toMatchObject({ code: "runtime-crashed", kind: "failed" });
    expect(error.found).toContain("SIGBUS");
    expect(error.hint).toContain("leave files alone");
    await expectWorks();
  });

  test("that is cut short after it was opened is refused before it is loaded", async () => {
    const path = join(folder.path, "cut.safetensors");
    const { graph, weights } = await productGraph(path);
    truncateSync(path, 4096);
    const error = await errorOf(runtime.load(graph, weights));
    expect(error.message).toMatch(/size|range|bounds|changed|exceed/i);
    await expectWorks();
  });

  test("that is deleted while it is mapped does no harm", async () => {
    const path = join(folder.path, "deleted.safetensors");
    const { graph, weights, feeds } = await productGraph(path);
    const session = await runtime.load(graph, weights);
    rmSync(path);
    const { y } = await session.run(feeds);
    expect((y!.data as Float32Array)[0]).toBe(0);
  });
});

describe("the computing process", () => {
  test("killed during a run: a typed error at once, and the next run has a new one", async () => {
    const path = join(folder.path, "killed.safetensors");
    const { graph, weights, feeds } = await productGraph(path);
    const session = await runtime.load(graph, weights);
    const first = runtime.pid!;
    const running = errorOf(session.run(feeds));
    process.kill(first, "SIGKILL");
    const error = await running;
    expect(error).toMatchObject({ code: "runtime-crashed", kind: "failed" });
    expect(error.found).toContain("SIGKILL");
    expect(error.hint).toContain("memory");
    await expectWorks();
    expect(runtime.pid).not.toBe(first);
  });

  test("that cannot get its memory says so, and a smaller run works in it", async () => {
    const b = new GraphBuilder("huge");
    const x = b.input("x", [2 ** 20, 1]);
    const graph = b.finish([
      { name: "y", value: b.op("MatMul", [x, b.input("z", [1, 2 ** 20])], { transposeA: false, transposeB: false }) },
    ]);
    const session = await runtime.load(graph, weightsOf(new Map()));
    const column: Tensor = { dtype: "f32", shape: [2 ** 20, 1], data: new Float32Array(2 ** 20) };
    // four terabytes
    const error = await errorOf(session.run({ x: column, z: { ...column, shape: [1, 2 ** 20] } }));
    expect(error.kind).toBe("failed");
    expect(error.message).toMatch(/memory|alloc/i);
    await expectWorks();
  });
});

describe("the command", () => {
  const args = (out: string) => ["generate", "a cat", "--model", model, "--size", "64x64", "--out", out, "--json"];

  test("whose computing process is killed ends with 1 and an error, and writes nothing", async () => {
    let killed = false;
    const end = await folder.run([...args("a.png"), "--steps", "500"], (text, pid) => {
      if (killed || !text.includes("step 1/")) return;
      killed = true;
      for (const child of childrenOf(pid)) process.kill(child, "SIGKILL");
    });
    expect({ killed, code: end.code, written: end.written }).toEqual({ killed: true, code: 1, written: [] });
    expect(printedError(end)).toMatchObject({ code: "runtime-crashed", kind: "failed" });
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends within a second of %s with 130; nothing is left, no process either",
    async (signal) => {
      let at = 0;
      let children: readonly number[] = [];
      const end = await folder.run([...args("a.png"), "--steps", "500", "--preview", "--lora", lora], (text, pid) => {
        if (at !== 0 || !text.includes("step 2/")) return;
        at = performance.now();
        children = childrenOf(pid);
        process.kill(pid, signal);
      });
      expect(performance.now() - at).toBeLessThan(1_000);
      const { code, written, temporary } = end;
      expect({ code, written, temporary }).toEqual({ code: 130, written: [], temporary: [] });
      expect(children.length).toBeGreaterThan(0);
      expect(children.filter(isAlive)).toEqual([]);
    },
  );
});

test("a pipeline that is stopped stops within a second and gives its pictures' error", async () => {
  const own = join(folder.path, "stopped.safetensors");
  copyFileSync(model, own);
  const pipeline = await createPipeline({ model: own, threads: 1 });
  const stop = new AbortController();
  let at = 0;
  const error = await errorOf(
    (async () => {
      const request = { prompt: "a cat", width: 64, height: 64, sampling: { steps: 500 }, seeds: [1n] };
      for await (const event of pipeline.generate(request, stop.signal)) {
        if (event.kind !== "step" || at !== 0) continue;
        at = performance.now();
        setTimeout(() => stop.abort(), 20);
      }
    })(),
  );
  expect(error.kind).toBe("interrupted");
  expect(performance.now() - at).toBeLessThan(1_000);
  await pipeline.dispose();
});

/** Processes whose parent it is, by Linux' list of them. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
