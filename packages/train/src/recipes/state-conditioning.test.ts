// Distillation of a checkpoint that lies in a file: its weights are read there, its text states beforehand; nothing of it is trained.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layoutSafetensors, openSafetensors, rename, writeSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { f16Tensor } from "../export/tensors.js";
import { unpackFlat } from "../flat/layout.js";
import { TOKEN_TABLE } from "../models/network.js";
import { writeWhole } from "../node/folder-store.js";
import { ortRunner } from "../node/ort-runner.js";
import { cachedTextStates } from "../node/text-state-cache.js";
import { randomStream } from "../optim/random-stream.js";
import { train } from "../trainer/train.js";
import { baseLayout, baseWeights, TEXT, UNET } from "./base.js";
import { lcmRecipe } from "./lcm.js";
import { alphaBar, data, model, SHAPE, tokenise } from "./toy.test.fixture.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-states-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The toy networks in a file, F16, with a token table for the ids that the toy tokeniser gives. */
async function toyFile() {
  const layout = baseLayout(model);
  const values = unpackFlat(layout, baseWeights(layout, 1));
  const random = randomStream(1, "last", 0);
  const path = join(folder, "toy.safetensors");
  const tensors = layout.entries.map(({ name, shape }) =>
    name === TEXT + TOKEN_TABLE
      ? f16Tensor(name, [49408, shape[1]!], randomStream(1, "table", 0).normals(49408 * shape[1]!))
      : // a fresh UNet's last layer is 0, which no adapter before it could change
        f16Tensor(
          name,
          shape,
          name.startsWith(`${UNET}conv_out`) ? random.normals(values.get(name)!.length) : values.get(name)!,
        ),
  );
  await writeWhole(path, writeSafetensors(layoutSafetensors(tensors, {})));
  const { weights } = await openSafetensors(await openFile(path));
  return rename(weights, (name) => (name.startsWith(UNET) ? name.slice(UNET.length) : name.slice(TEXT.length)));
}

describe("a teacher in a file", () => {
  it("is distilled from where it lies, by states that were made once", async () => {
    const weights = await toyFile();
    // the toy tokeniser answers -1 for a word it does not know: such a row is in no table
    const known = (text: string) => tokenise(text).map((id) => Math.max(0, id));
    const captions = Array.from({ length: data.count }, (_, i) => data.caption(i));
    const make = () =>
      cachedTextStates({
        tower: { config: model.text, weights, skip: 1, normed: true },
        captions,
        tokenise: known,
        folder: join(folder, "cache"),
        threads: 1,
      });
    const conditioning = await make();
    const [name] = await readdir(join(folder, "cache"));
    const made = await stat(join(folder, "cache", name!));
    const again = await make();
    expect((await stat(join(folder, "cache", name!))).mtimeMs).toBe(made.mtimeMs);
    const random = randomStream(1, "text", 0);
    const [first, other] = [captions[0]!, captions[1]!];
    expect(again.feed([first], true, random)).toEqual(conditioning.feed([first], true, random));
    expect(conditioning.feed([other], false, random)).not.toEqual(conditioning.feed([first], false, random));
    expect(() => conditioning.feed(["never seen"], false, random)).toThrow(/no states/);

    const recipe = lcmRecipe({
      base: { unet: model.unet, prediction: "epsilon", nameOf: (id) => id, sources: [], residents: new Map() },
      conditioning,
      lora: { rank: 4, alpha: 4 },
      data,
      shape: SHAPE,
      alphaBar,
      batch: 4,
      iterations: 3,
      seed: 1,
      learningRate: { peak: 1e-3, decay: "constant" },
      guidance: [1, 2],
    });
    expect(recipe.state.every((resident) => resident.startsWith("lora."))).toBe(true);
    const runner = ortRunner({ threads: 1, weights });
    const losses: number[] = [];
    for await (const { metrics } of train(recipe, { runner })) losses.push(metrics.loss!);
    const vector = await runner.get("lora.p");
    await runner.dispose();
    expect(losses.every((loss) => Number.isFinite(loss))).toBe(true);
    expect(vector).not.toEqual(recipe.initial.get("lora.p"));
  });
});
