// Folders in the diffusers layout baked into one file: the tensors of the file that the folder was made from, name by name and bit by bit.
import { describe, expect, it } from "vitest";
import { type Checkpoint, openCheckpoint } from "../families/checkpoint.js";
import { tinyCheckpoint } from "../generate/tiny-pipeline.test.fixture.js";
import { readTensor, readTensorBytes } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import { entriesOf } from "../weights/views.js";
import { type BakeOptions, bakeCheckpoint } from "./bake.js";
import { fitted, mergeTools, networksOf } from "./merge-files.test.fixture.js";

const { folder, runtime } = mergeTools();

async function baked(
  checkpoint: Checkpoint,
  adapters: Parameters<typeof bakeCheckpoint>[1] = [],
  options: Partial<BakeOptions> = {},
) {
  const { tensors, metadata, ...rest } = await bakeCheckpoint(checkpoint, adapters, { runtime: runtime(), ...options });
  return { source: await folder.write(tensors, metadata), ...rest };
}

describe.each(["sd15-tiny", "sd21-tiny", "sdxl-tiny"])("%s as a folder", (spec) => {
  it("is the single file again: names, shapes, bytes, what it predicts", async () => {
    const single = await tinyCheckpoint(spec);
    const inFolder = await folder.diffusers(single);
    expect(inFolder.files.length).toBeGreaterThan(3);
    const { source, changed, unsaid } = await baked(inFolder);
    expect([changed, unsaid]).toEqual([0, []]);
    const [before, after] = [await openSafetensors(single.files[0]!), await openSafetensors(source)];
    const used = [...entriesOf(before.weights)].filter(([name]) => !single.ignored.includes(name));
    const names = used.map(([name]) => name).filter((name) => !single.unclaimed.includes(name));
    expect([...after.weights.names].filter((name) => !/^(?:v_pred|ztsnr)$/.test(name)).sort()).toEqual(
      names.filter((name) => !name.endsWith("position_ids")).sort(),
    );
    for (const name of after.weights.names) {
      if (/^(?:v_pred|ztsnr)$/.test(name)) continue;
      const [one, other] = [before.weights.get(name)!, after.weights.get(name)!];
      expect([name, other.dtype, other.shape]).toEqual([name, one.dtype, one.shape]);
      expect(Buffer.compare(await readTensorBytes(one), await readTensorBytes(other)), name).toBe(0);
    }
    const again = await openCheckpoint(source);
    for (const key of ["family", "zeroTerminalSnr", "textSkip", "scalingFactor"] as const)
      expect(again[key]).toEqual(single[key]);
    expect(again.prediction.type).toBe(single.prediction.type);
    expect(again.unclaimed).toEqual([]);
  });
});

describe.each([
  ["sd15-tiny", "sd15-lora-kohya"],
  ["sdxl-tiny", "sdxl-lora-kohya-sgm"],
])("%s as a folder with %s", (spec, lora) => {
  it("is what baking into the single file gives", async () => {
    const single = await tinyCheckpoint(spec);
    const inFolder = await folder.diffusers(single);
    const strengths = { strengthUnet: 0.7, strengthText: 0.4 };
    const [one, other] = [
      await baked(single, [await fitted(single, lora, strengths)], { dtype: "f16" }),
      await baked(inFolder, [await fitted(inFolder, lora, strengths)], { dtype: "f16" }),
    ];
    expect(other.changed).toBe(one.changed);
    const [wanted, found] = [await openCheckpoint(one.source), await openCheckpoint(other.source)];
    for (const [i, [, weights]] of networksOf(wanted).entries()) {
      const [, mine] = networksOf(found)[i]!;
      expect([...mine.names].sort()).toEqual([...weights.names].sort());
      for (const [name, tensor] of entriesOf(weights)) {
        const [a, b] = [await readTensor(tensor), await readTensor(mine.get(name)!)];
        expect(
          a.findIndex((value, k) => value !== b[k]),
          name,
        ).toBe(-1);
      }
    }
  });
});

it("says in marker tensors what only a folder's scheduler says, and tells what no file can say", async () => {
  const single = await tinyCheckpoint("sdxl-tiny");
  const v = { ...single, prediction: { type: "v", evidence: "config" }, zeroTerminalSnr: true } as const;
  const { source } = await baked(await folder.diffusers(v));
  const opened = await openCheckpoint(source);
  expect([opened.prediction, opened.zeroTerminalSnr]).toEqual([{ type: "v", evidence: "marker tensor" }, true]);
  const odd = { ...single, prediction: { type: "sample", evidence: "config" }, scalingFactor: 0.5 } as const;
  const { unsaid } = await baked(await folder.diffusers(odd));
  expect(unsaid).toEqual([expect.stringContaining("predicts a sample"), expect.stringContaining("scaling factor 0.5")]);
});

it("puts together a model whose VAE came from another file", async () => {
  const single = await tinyCheckpoint("sd15-tiny");
  const other = await tinyCheckpoint("sd15-tiny-f32");
  const mixed = { ...single, vae: other.vae!, files: [...single.files, ...other.files] };
  const { source } = await baked(mixed);
  const found = await openCheckpoint(source);
  for (const [name, tensor] of entriesOf(other.vae!.weights)) {
    const twin = found.vae!.weights.get(name)!;
    expect([name, twin.dtype]).toEqual([name, tensor.dtype]);
    expect(Buffer.compare(await readTensorBytes(tensor), await readTensorBytes(twin)), name).toBe(0);
  }
});
