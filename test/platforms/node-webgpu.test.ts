// ONNX Runtime's WebGPU in Node, by the SwiftShader that Chromium brings: the reference's numbers, from the same child process as on the CPU.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { weightsOf } from "@fewstep/core";
import { type ChildRuntime, childRuntime } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GoldenBench, GoldenEntry } from "../golden/golden-case.js";
import { GeneratedModels } from "../golden/models.js";
import { pipelineCase } from "../golden/pipelines/pipeline.js";
import { readGolden } from "../golden/read-golden.js";
import { readGoldenJson } from "../golden/read-golden-json.js";
import { mixedGraph } from "./mixed-graph.js";

const DRIVER = process.env.FEWSTEP_SWIFTSHADER ?? "/usr/lib/chromium/vk_swiftshader_icd.json";
const CASE = "pipelines/sd15-tiny-lightning-1-x0.safetensors";
const MINUTE = 60_000;

const root = fileURLToPath(new URL("../../", import.meta.url));
const data = join(root, "test/golden/data");
let runtime: ChildRuntime;

beforeAll(() => {
  if (!existsSync(DRIVER)) {
    throw new Error(
      "the test needs SwiftShader and Vulkan's loader: `apt-get install chromium libvulkan1`, or name its vk_swiftshader_icd.json in FEWSTEP_SWIFTSHADER",
    );
  }
  // of the child processes: old and new name of the same setting of Vulkan's loader
  process.env.VK_ICD_FILENAMES = DRIVER;
  process.env.VK_DRIVER_FILES = DRIVER;
  runtime = childRuntime({ device: "webgpu" });
});

afterAll(async () => {
  await runtime?.dispose();
});

describe("WebGPU in Node", () => {
  it(
    "finds out what this device does right",
    async () => {
      const { dialect, checks } = await runtime.probe();
      // SwiftShader's subgroups are small, and it has no half precision
      expect(dialect).toMatchObject({ name: "webgpu", fusedAttention: false, fusedMatMul: false, lateCasts: {} });
      const essential = checks.filter(({ name }) => name.startsWith("essential"));
      expect(essential.length).toBe(8);
      for (const { name, difference } of essential) expect(difference, name).toBeLessThan(1e-4);
    },
    2 * MINUTE,
  );

  it(
    "refuses a graph that would be computed in part on the CPU, where the CPU's runtime takes it",
    async () => {
      const refused = { code: "nodes-on-cpu", kind: "failed" };
      await expect(runtime.load(mixedGraph(), weightsOf([]))).rejects.toMatchObject(refused);
      const onCpu = childRuntime();
      const session = await onCpu.load(mixedGraph(), weightsOf([]));
      const { rows } = await session.run({ index: { dtype: "i64", shape: [2], data: BigInt64Array.of(2n, 0n) } });
      expect([...rows!.data]).toEqual([4, 2]);
      await onCpu.dispose();
    },
    2 * MINUTE,
  );

  it(
    "makes the reference's picture",
    async () => {
      const { goldens } = JSON.parse(readFileSync(join(data, "index.json"), "utf8")) as {
        readonly goldens: Readonly<Record<string, GoldenEntry>>;
      };
      const models = new GeneratedModels(data, join(root, ".cache/golden-models"));
      const bench: GoldenBench = {
        runtime,
        path: (relative) => join(data, relative),
        model: (spec) => models.open(spec),
        json: (relative) => readGoldenJson(join(data, relative)),
        tensors: (relative) => readGolden(join(data, relative)),
        entry: (relative) => goldens[relative],
      };
      const one = pipelineCase(CASE, goldens[CASE]!, bench);
      if ("skip" in one) throw new Error(one.skip);
      const checks = await one.run();
      expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(["step.0.output", "latents", "image"]));
      for (const { name, difference, bound } of checks) {
        expect(difference, `${name}: ${difference} of ${bound}`).toBeLessThanOrEqual(bound);
      }
    },
    10 * MINUTE,
  );
});
