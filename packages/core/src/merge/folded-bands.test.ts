// Bands of rows, one after the other, against the whole weight, for each kind of delta.
import { afterAll, beforeAll, expect, it } from "vitest";
import { adapterOnNetwork } from "../families/adapter-fit.js";
import { tinyCheckpoint } from "../generate/tiny-pipeline.test.fixture.js";
import { parameterFolder } from "../graph/passes/adapter-fold.js";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { computeOnce } from "../session/compute-once.js";
import { MULTIPLYING, multiplyingTensors } from "../weights/adapters/multiplying-file.test.fixture.js";
import { foldedBands } from "./folded-bands.js";
import { fitted, MergeFolder } from "./merge-files.test.fixture.js";

let runtime: ChildRuntime;
beforeAll(() => {
  runtime = childRuntime({ threads: 1 });
});
const folder = new MergeFolder();
afterAll(async () => {
  await runtime.dispose();
  folder.remove();
});

it.each([
  ["sd15-lora-kohya", true],
  ["sd15-locon-mid", true],
  ["sd15-loha", true],
  ["sd15-full-diff", true],
  ["sd15-lokr", false],
  ["sd15-dora-in", false],
  ["glora", true],
  ["ia3 of outputs", true],
  ["ia3 of inputs", true],
  ["oft", false],
  ["boft", false],
])("%s", async (name, comesApart) => {
  const { unet } = await tinyCheckpoint();
  const file = name in MULTIPLYING ? await folder.file(multiplyingTensors(name, await tinyCheckpoint())) : name;
  const active = await fitted(await tinyCheckpoint(), file);
  const present = adapterOnNetwork(active.id, active.fit, active, "unet")!;
  const compute = computeOnce(runtime);
  const { touched, fold } = parameterFolder(unet.weights, [present], compute);
  const matrices = [...touched].filter((one) => unet.weights.get(one)!.shape.length > 1);
  const counts: number[] = [];
  for (const parameter of [matrices[0]!, matrices.at(-1)!, matrices.find((one) => /conv\d?\.weight/.test(one))!]) {
    if (parameter === undefined) continue;
    const whole = (await fold([parameter]))[parameter]!.data as Float32Array;
    const bands: Float32Array[] = [];
    const tensor = unet.weights.get(parameter)!;
    for await (const band of foldedBands(parameter, tensor, [present], compute, undefined, Math.ceil(whole.length / 3)))
      bands.push(band);
    counts.push(bands.length);
    const joined = bands.flatMap((band) => [...band]);
    expect(joined).toHaveLength(whole.length);
    const worst = joined.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i]!)), 0);
    expect(worst).toBeLessThan(1e-6);
  }
  expect(Math.max(...counts) > 1).toBe(comesApart);
});
