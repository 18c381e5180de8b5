// A comparison's pictures are those that the library makes alone, to the last bit, though its cells share sessions and texts. The
// times of both are printed, not judged: what else the machine does is unknown here.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodePng, type Picture, Pipeline } from "@fewstep/core";
import { childRuntime, modelFolders, openLora, openModel } from "@fewstep/core/node";
import { runComparison } from "fewstep";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GeneratedModels } from "../golden/models.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const MINUTE = 60_000;
let folder: string;
let model: string;
let lora: string;

beforeAll(async () => {
  const models = new GeneratedModels(join(root, "test/golden/data"), join(root, ".cache/golden-models"));
  folder = mkdtempSync(join(tmpdir(), "fewstep-sharing-"));
  model = (await models.open("sd15-tiny")).path!;
  lora = (await models.open("sd15-lcm-like")).path!;
}, 5 * MINUTE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("makes the library's pictures", { timeout: 5 * MINUTE }, async () => {
  const { signal } = new AbortController();
  const cellSeconds: number[] = [];
  const { report } = await runComparison({
    request: {
      models: [model],
      loras: [{ file: lora, is: "lcm" }],
      accelerators: ["lcm", "none"],
      strengths: [0.5, 1],
      steps: [1, 2],
      cfg: [1.5],
      prompts: ["a cat", "a (dog:1.2) on a hill"],
      seeds: [1, 2],
      sizes: ["64x64"],
      reference: false,
    },
    out: join(folder, "grid"),
    folders: modelFolders({}),
    threads: 1,
    signal,
    onEvent: (event) => event.kind === "cell" && cellSeconds.push(event.record.timings?.total ?? Number.NaN),
  });
  const runtime = childRuntime({ threads: 1 });
  const checkpoint = await openModel(model);
  const { fit } = await openLora(lora, checkpoint);
  let [alone, apart] = [0, 0];
  let held: { readonly key: string; readonly pipeline: Pipeline } | undefined;
  for (const cell of report.cells) {
    const record = JSON.parse(readFileSync(join(folder, "grid/cells", `${cell.id}.json`), "utf8"));
    const adapters = record.run.adapters.map(({ strength }: { strength: number }) => ({
      id: "lora",
      fit,
      strengthUnet: strength,
      strengthText: strength,
    }));
    const start = performance.now();
    // a warm library keeps its pipeline as long as the LoRAs are the same
    const key = JSON.stringify(record.run.adapters);
    if (held?.key !== key) {
      await held?.pipeline.dispose();
      held = { key, pipeline: new Pipeline({ checkpoint, runtime, adapters, casts: "late" }) };
    }
    let picture: Picture | undefined;
    for await (const event of held.pipeline.generate(record.run.request))
      if (event.kind === "picture") picture = event.result;
    alone += (performance.now() - start) / 1000;
    const shared = await decodePng(new Uint8Array(readFileSync(join(folder, "grid/cells", `${cell.id}.png`))));
    apart += shared.data.filter((value, i) => value !== picture!.pixels.data[i]).length;
  }
  await runtime.dispose();
  const shared = cellSeconds.reduce((sum, seconds) => sum + seconds, 0);
  console.log(
    `${report.cells.length} cells: ${shared.toFixed(2)} s shared, ${alone.toFixed(2)} s as warm generates; ${apart} bytes differ`,
  );
  expect(report.cells).toHaveLength(24);
  expect(apart).toBe(0);
});
