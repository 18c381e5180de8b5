// Files in the published layouts, at their real length, through the whole path: header, adapter, facts, recognition.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { recogniseFile } from "../families/recognise-file.js";
import type { FileSource } from "../files/source.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { fileOf, rawFile } from "../weights/raw-file.test.fixture.js";
import { variantId } from "./accelerator.js";
import { acceleratorVariants } from "./accelerators.js";
import { type AcceleratorFileFacts, acceleratorFileFacts } from "./file-facts.js";
import { hashFile } from "./hash-file.js";
import { namesVariant, nameWords } from "./name-hint.js";
import { publishedLora } from "./published-lora.test.fixture.js";
import { type AcceleratorRecognition, recogniseAccelerator, recognitionLine } from "./recognise.js";
import { createSha256 } from "./sha256.js";

async function factsOf(source: FileSource): Promise<AcceleratorFileFacts> {
  const found = await recogniseFile(source);
  const adapter = found.kind === "adapter" ? await parseAdapter(source.name, found.file!) : undefined;
  return acceleratorFileFacts(source, found, adapter)!;
}
const candidateIds = ({ candidates }: AcceleratorRecognition) => candidates.map(({ variant }) => variantId(variant));
const recognise = async (source: FileSource) => recogniseAccelerator(await factsOf(source));

describe("the common layout", () => {
  it.each([
    ["lcm-lora-sdv1-5", { base: "sd15", metadata: { format: "pt" } }, 134_621_556],
    ["lcm-lora-sdxl as Fooocus ships it", { base: "sdxl", metadata: { format: "pt" } }, 393_854_624],
    ["sdxl_lightning_4step_lora", { base: "sdxl" }, 393_854_592],
    ["Hyper-SDXL", { base: "sdxl", dtype: "f32", metadata: { format: "pt" } }, 787_359_648],
    ["Hyper-SD15", { base: "sd15", dtype: "f32" }, 269_127_064],
  ] as const)("gives the published length of %s to the byte", (_name, options, bytes) => {
    expect(publishedLora(options).blob.size).toBe(bytes);
  });

  it("is read into facts", async () => {
    const { lora, ...facts } = await factsOf(publishedLora({ base: "sdxl", name: "x.safetensors" }));
    expect(lora).toEqual({
      modules: 788,
      ranks: [64],
      scales: [0.125],
      alphaStored: true,
      textEncoder: false,
      convolutions: true,
    });
    expect(facts).toMatchObject({ form: "lora", base: "sdxl", tensors: 2364, dtypes: ["f16"], guidanceInput: false });
  });
});

describe("by content", () => {
  it("LCM-LoRA of SD1.5 by its length and layout", async () => {
    const found = await recognise(publishedLora({ base: "sd15", metadata: { format: "pt" }, name: "a.safetensors" }));
    expect(found.decidedBy).toBe("content");
    expect(found.question).toBeUndefined();
    expect(candidateIds(found)[0]).toBe("sd15/lcm/lora");
    expect(found.candidates[0]?.confidence).toBe("likely");
  });

  it("Lightning's step counts cannot be told apart: it asks", async () => {
    const found = await recognise(publishedLora({ base: "sdxl", name: "unnamed.safetensors" }));
    expect(found.decidedBy).toBeUndefined();
    for (const name of ["lightning-2", "lightning-4", "lightning-8", "dmd2"]) expect(found.question).toContain(name);
    expect(found.question).not.toContain("hyper");
    expect(found.candidates.every(({ confidence }) => confidence === "possible")).toBe(true);
  });

  it("a name decides between them, and is called a hint", async () => {
    const found = await recognise(publishedLora({ base: "sdxl", name: "sdxl_lightning_8step_lora.safetensors" }));
    expect(found.decidedBy).toBe("name");
    expect(candidateIds(found)[0]).toBe("sdxl/lightning-8/lora");
    expect(found.candidates[0]?.confidence).toBe("possible");
    expect(found.question).toMatch(/its name says lightning-8.*confirm/);
    expect(recognitionLine(found)).toContain("which proves nothing");
  });

  it("a wrong name does not win over content", async () => {
    const found = await recognise(
      publishedLora({ base: "sd15", metadata: { format: "pt" }, name: "lightning_4step.safetensors" }),
    );
    expect(candidateIds(found)[0]).toBe("sd15/lcm/lora");
    expect(candidateIds(found)).not.toContain("sdxl/lightning-4/lora");
  });

  it("Hyper is told from Lightning by dtype and length, its kinds not from each other", async () => {
    const found = await recognise(
      publishedLora({ base: "sdxl", dtype: "f32", alpha: 64, metadata: { format: "pt" }, name: "x.safetensors" }),
    );
    for (const name of ["hyper-1", "hyper-2", "hyper-4", "hyper-8", "hyper-8-cfg", "hyper-12-cfg"])
      expect(found.question).toContain(name);
    expect(found.question).not.toMatch(/lightning|lcm|dmd2/);
  });

  it("a Hyper file converted to F16 is not taken for TCD: the stored type decides nothing, a name is asked about", async () => {
    const converted = (name: string) => recognise(publishedLora({ base: "sd15", alpha: 64, metadata: {}, name }));
    const unnamed = await converted("x.safetensors");
    expect(unnamed.decidedBy).toBeUndefined();
    for (const name of ["tcd", "hyper-4", "hyper-8-cfg"]) expect(unnamed.question).toContain(name);
    const named = await converted("Hyper-SD15-4steps-lora.safetensors");
    expect([named.decidedBy, candidateIds(named)[0]]).toEqual(["name", "sd15/hyper-4/lora"]);
  });

  it("a name that contradicts the content is asked about", async () => {
    const found = await recognise(
      publishedLora({ base: "sd15", metadata: {}, name: "Hyper-SD15-4steps-lora.safetensors" }),
    );
    expect(found.decidedBy).toBe("name");
    expect(found.question).toMatch(/its name says hyper-4; its content fits lcm .*confirm/);
  });

  it("the factor of alpha is looked at: alpha 64 is no Lightning", async () => {
    const found = await recognise(publishedLora({ base: "sdxl", alpha: 64, name: "lightning_4step.safetensors" }));
    expect(candidateIds(found)).not.toContain("sdxl/lightning-4/lora");
  });

  it("fewstep's own training is in the metadata, whatever its base and rank", async () => {
    const own = (metadata: Readonly<Record<string, string>>) =>
      recognise(publishedLora({ base: "sd15", rank: 8, alpha: 8, metadata, name: "mine.safetensors" }));
    const lightning = await own({ "fewstep.method": "progressive", "fewstep.steps": "4", "fewstep.size": "64" });
    expect(lightning).toMatchObject({ decidedBy: "content", candidates: [{ confidence: "likely" }] });
    expect(lightning.candidates[0]?.variant).toMatchObject({
      name: "lightning-4",
      base: "sd15",
      settings: { steps: 4, sampler: "euler", size: 64 },
    });
    expect((await own({ "fewstep.method": "lcm" })).candidates[0]?.variant.name).toBe("lcm");
    const noise = async (said: Readonly<Record<string, string>>) =>
      (await own({ "fewstep.method": "lcm", ...said })).candidates[0]?.variant.settings.zeroTerminalSnr;
    expect(await noise({ "fewstep.zero_terminal_snr": "true" })).toBe(true);
    expect(await noise({})).toBeUndefined();
    expect((await own({ "fewstep.accelerator": "hyper-8-cfg" })).candidates[0]?.variant.settings.guidance).toBe(5);
    const kept = await own({ "fewstep.accelerator": "hyper-8-cfg", "fewstep.guidance": "2.5" });
    expect(kept.candidates[0]?.variant).toMatchObject({
      settings: { guidance: 2.5 },
      ranges: { publishedGuidance: [2.5, 8], guidance: [2.5, 8] },
    });
    for (const text of ["0.5", "31", "NaN", "1e1", "-3", "9".repeat(100)]) {
      const odd = await own({ "fewstep.accelerator": "hyper-8-cfg", "fewstep.guidance": text });
      expect(odd.candidates[0]?.variant.settings.guidance).toBe(5);
    }
    expect((await own({ "fewstep.method": "a".repeat(1000) })).candidates).toEqual([]);
    expect((await own({ "fewstep.method": "constructor" })).candidates).toEqual([]);
  });

  it("a style LoRA is no accelerator", async () => {
    const module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
    const header = JSON.stringify({
      [`${module}.lora_down.weight`]: { dtype: "F16", shape: [4, 768], data_offsets: [0, 6144] },
      [`${module}.lora_up.weight`]: { dtype: "F16", shape: [320, 4], data_offsets: [6144, 8704] },
    });
    const found = await recognise({ ...rawFile(header, 8704), name: "style.safetensors" });
    expect(found.candidates).toEqual([]);
    expect(recognitionLine(found)).toBe("no accelerator that is known");
  });

  it("a full LCM UNet by its guidance input; a bare UNet by nothing but a name", () => {
    const unet: AcceleratorFileFacts = {
      fileName: "unet.safetensors",
      form: "unet",
      base: "sdxl",
      bytes: 1,
      tensors: 1680,
      dtypes: ["f16"],
      metadata: new Map(),
      guidanceInput: false,
    };
    expect(recogniseAccelerator(unet).candidates).toEqual([]);
    const lcm = recogniseAccelerator({ ...unet, guidanceInput: true });
    expect([candidateIds(lcm), lcm.decidedBy]).toEqual([["sdxl/lcm/unet"], "content"]);
    const named = recogniseAccelerator({ ...unet, fileName: "sdxl_lightning_4step_unet.safetensors" });
    expect([candidateIds(named)[0], named.decidedBy]).toEqual(["sdxl/lightning-4/unet", "name"]);
    expect(named.question).toMatch(/confirm/);
  });
});

describe("by hash", () => {
  it("decides, whatever else the file looks like", async () => {
    const facts = await factsOf(publishedLora({ base: "sdxl", name: "x.safetensors" }));
    const hashes = { sha256: "0".repeat(64), tensorHash: "1c32bdb07a7c" };
    const found = recogniseAccelerator({ ...facts, fileName: "hyper_8steps.safetensors", hashes });
    expect(found).toMatchObject({ decidedBy: "hash" });
    expect(found.question).toBeUndefined();
    expect(candidateIds(found)).toEqual(["sdxl/lightning-4/lora"]);
    expect(found.candidates[0]?.confidence).toBe("certain");
  });

  it("SHA-256 in pieces is SHA-256", () => {
    const bytes = new Uint8Array(5000).map((_, i) => (i * 31 + (i >> 3)) & 255);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 5000]) {
      const part = bytes.subarray(0, length);
      const hash = createSha256();
      for (let at = 0; at < length; at += 37) hash.update(part.subarray(at, Math.min(at + 37, length)));
      expect(hash.hex()).toBe(createHash("sha256").update(part).digest("hex"));
    }
  });

  it("the tensor hash leaves the header out", async () => {
    const file = fileOf("x", new Uint8Array(100).fill(1), new Uint8Array(5_000_000).fill(7));
    const { sha256, tensorHash } = await hashFile(file, 100);
    const bytes = new Uint8Array(await file.blob.slice(0, 5_000_100).arrayBuffer());
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(tensorHash).toBe(createHash("sha256").update(bytes.subarray(100)).digest("hex").slice(0, 12));
  });

  it("stops when asked to", async () => {
    await expect(hashFile(fileOf("x", "abc"), 0, AbortSignal.abort())).rejects.toMatchObject({ kind: "interrupted" });
  });
});

describe("names", () => {
  it("of every published LoRA that says its kind name its variant and no other of its base", () => {
    for (const variant of acceleratorVariants.filter(({ form }) => form === "lora")) {
      for (const { name } of variant.files) {
        const words = nameWords(name);
        if (!words.text.includes(variant.accelerator)) continue;
        const fitting = acceleratorVariants.filter(
          (one) => one.form === "lora" && one.base === variant.base && namesVariant(words, one),
        );
        expect([name, fitting.map(variantId)]).toEqual([name, [variantId(variant)]]);
      }
    }
  });
});
