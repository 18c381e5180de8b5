// Models and LoRAs that are well-formed files and yet cannot be used: of another family, with parts or keys missing, with numbers that are
// none, or in folders whose index leads out of them.
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { openSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandEnd, HostileFolder, printedError } from "./hostile-command.js";
import { smallModel, writeRenamed } from "./hostile-files.js";

let folder: HostileFolder;
let model: string;
let sdxl: string;
let lora: string;

beforeAll(async () => {
  folder = new HostileFolder();
  model = await smallModel("sd15-tiny");
  sdxl = await smallModel("sdxl-tiny");
  lora = await smallModel("sd15-lora-kohya");
});
afterAll(() => folder.remove());

const small = ["--size", "64x64", "--steps", "1", "--out", "a.png"];
const generate = (...args: readonly string[]) => folder.run(["generate", "a cat", ...small, "--json", ...args]);
const place = (name: string) => join(folder.path, name);

function expectRefused(end: CommandEnd, code: string, ...says: readonly (string | RegExp)[]): void {
  expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
    code: 2,
    written: [],
    stderr: "",
  });
  const error = printedError(end);
  expect(error.code).toBe(code);
  expect(error.hint ?? error.expected).toBeDefined();
  const text = [error.message, error.found, error.expected, error.hint].join("\n");
  for (const each of says) expect(text).toMatch(each);
}

describe("LoRAs", () => {
  test("an SDXL LoRA on SD1.5: one line names both widths", async () => {
    const end = await generate("--model", model, "--lora", await smallModel("sdxl-lora-kohya-sgm"));
    expectRefused(end, "adapter-family", /768|128/, /256|2048/);
  });

  test("keys that fit nowhere are counted, and the first five named", async () => {
    const path = place("half.safetensors");
    let left = 7;
    await writeRenamed(lora, path, (name) => {
      const strange = left > 0 && name.startsWith("lora_unet");
      if (strange) left--;
      return strange ? name.replace("lora_unet", "lora_unet_nowhere") : name;
    });
    const end = await generate("--model", model, "--lora", path);
    expect(end.stderr).toMatch(/\b7\b/);
    expect(end.stderr.match(/lora_unet_nowhere/g)!.length).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["down without up", "lora_up.weight"],
    ["up without down", "lora_down.weight"],
  ])("%s: the module is named", async (_, lost) => {
    const path = place(`without-${lost}.safetensors`);
    let gone = "";
    await writeRenamed(lora, path, (name) => {
      if (gone !== "" || !name.endsWith(lost)) return name;
      gone = name;
      return undefined;
    });
    const [module] = gone.split(".");
    expectRefused(await generate("--model", model, "--lora", path), "adapter-incomplete", new RegExp(module!));
  });

  test.each([
    ["NaN", [0, 0x7e]],
    ["negative", [0, 0xbc]],
  ])("an alpha that is %s is refused", async (word, half) => {
    const path = place(`alpha-${word}.safetensors`);
    copyFileSync(lora, path);
    const { weights } = await openSafetensors(await openFile(path));
    const alpha = weights.get([...weights.names].find((name) => name.endsWith(".alpha"))!)!;
    const bytes = alpha.dtype === "f32" ? [0, 0, 0xc0, word === "NaN" ? 0x7f : 0xbf] : half;
    writeSync(openSync(path, "r+"), Uint8Array.from(bytes), 0, bytes.length, alpha.offset);
    expectRefused(await generate("--model", model, "--lora", path), "adapter-alpha");
  });

  test("nothing but keys that fit nowhere: refused", async () => {
    const path = place("nowhere.safetensors");
    await writeRenamed(lora, path, (name) => name.replace(/lora_(unet|te)_/, "lora_$1_nowhere_"));
    expectRefused(await generate("--model", model, "--lora", path), "adapter-no-match", /nowhere/);
  });

  test.each([
    ["NaN", [0, 0x7e]],
    ["infinity", [0, 0x7c]],
  ])("%s in a LoRA: the step and the tensor are named", async (_, half) => {
    const path = place(`damaged-${half.join("-")}.safetensors`);
    copyFileSync(lora, path);
    const { weights } = await openSafetensors(await openFile(path));
    const name = [...weights.names].find((each) => each.endsWith("lora_up.weight"))!;
    writeSync(openSync(path, "r+"), Uint8Array.from(half), 0, 2, weights.get(name)!.offset);
    expectRefused(await generate("--model", model, "--lora", path), "not-finite", "in step 1", name);
  });
});

describe("parts", () => {
  const only = async (name: string, source: string, has: (key: string) => boolean) => {
    await writeRenamed(source, place(name), (key) => (has(key) ? key : undefined));
    return generate("--model", place(name));
  };

  test("a VAE alone", async () => {
    const end = await only("vae.safetensors", model, (key) => key.startsWith("first_stage_model."));
    expectRefused(end, "checkpoint-incomplete", "the UNet and the text encoder", "a VAE");
  });

  test("a UNet alone", async () => {
    const end = await only("unet.safetensors", model, (key) => key.startsWith("model.diffusion_model."));
    expectRefused(end, "checkpoint-incomplete", "the text encoder and the VAE", "--unet");
  });

  test("no text encoder", async () => {
    const end = await only("textless.safetensors", model, (key) => !key.startsWith("cond_stage_model."));
    expectRefused(end, "checkpoint-incomplete", "the text encoder");
  });

  test("one text encoder of two", async () => {
    const end = await only("one-encoder.safetensors", sdxl, (key) => !key.startsWith("conditioner.embedders.1."));
    expectRefused(end, "checkpoint-incomplete", "1 of 2 text encoders");
  });

  test("no VAE: a file of its own or a TAESD is asked for", async () => {
    const end = await only("vaeless.safetensors", model, (key) => !key.startsWith("first_stage_model."));
    expectRefused(end, "vae-missing", /--vae|--taesd/);
  });

  test("one tensor of the UNet is missing: it is named", async () => {
    const gone = "model.diffusion_model.middle_block.0.in_layers.2.weight";
    const end = await only("gap.safetensors", model, (key) => key !== gone);
    expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
      code: 2,
      written: [],
      stderr: "",
    });
    expect(end.stdout).toMatch(/middle_block\.0\.in_layers\.2|mid_block\.resnets\.0\.conv1/);
  });
});

describe("numbers", () => {
  test.each([
    ["the text encoder", "cond_stage_model.transformer.text_model.final_layer_norm.weight", "in step 1"],
    ["the UNet", "model.diffusion_model.out.2.bias", "in step 1"],
    ["the VAE", "first_stage_model.decoder.conv_out.bias", "picture"],
  ])("NaN in %s: where it showed, and the tensor", async (part, name, where) => {
    const path = place(`${part.replaceAll(" ", "-")}.safetensors`);
    copyFileSync(model, path);
    const { weights } = await openSafetensors(await openFile(path));
    writeSync(openSync(path, "r+"), Uint8Array.of(0, 0x7e), 0, 2, weights.get(name)!.offset);
    const end = await generate("--model", path);
    expect({ code: end.code, written: end.written }).toEqual({ code: 2, written: [] });
    const { message, found } = printedError(end);
    expect(message).toContain(where);
    expect(found).toContain(JSON.stringify(name));
    const scan = await folder.run(["inspect", path, "--deep"]);
    expect(scan.code).toBe(2);
    expect(scan.stdout + scan.stderr).toContain(name);
  });
});

describe("folders", () => {
  /** A diffusers folder whose UNet is one shard by the name given. */
  function diffusersFolder(name: string, shard: string): string {
    const path = place(name);
    for (const part of ["unet", "vae", "text_encoder"]) mkdirSync(join(path, part), { recursive: true });
    const classes = {
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
      text_encoder: ["transformers", "CLIPTextModel"],
    };
    writeFileSync(
      join(path, "model_index.json"),
      JSON.stringify({ _class_name: "StableDiffusionPipeline", ...classes }),
    );
    writeFileSync(join(path, "unet", "config.json"), "{}");
    const index = { metadata: {}, weight_map: { "conv_in.weight": shard } };
    writeFileSync(join(path, "unet", "diffusion_pytorch_model.safetensors.index.json"), JSON.stringify(index));
    return path;
  }

  test.each([
    ["../../secret.safetensors"],
    ["/etc/passwd"],
    ["..\\..\\secret.safetensors"],
    ["C:\\secret.safetensors"],
    ["file:///etc/passwd"],
    ["a/../../secret.safetensors"],
    ["a\u0000.safetensors"],
  ])("an index that leads to %j is refused", async (shard) => {
    const path = diffusersFolder(`index-${Buffer.from(shard).toString("hex")}`, shard);
    const end = await generate("--model", path);
    expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
      code: 2,
      written: [],
      stderr: "",
    });
    expect(["unsafe-path", "bad-index"]).toContain(printedError(end).code);
  });

  test("a shard that is a symbolic link out of the folder is refused", async () => {
    const path = diffusersFolder("linked", "out.safetensors");
    writeFileSync(place("secret.safetensors"), "secret: 1234");
    symlinkSync(place("secret.safetensors"), join(path, "unet", "out.safetensors"));
    const end = await generate("--model", path);
    expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
      code: 2,
      written: [],
      stderr: "",
    });
    expect(end.stdout + end.stderr).not.toContain("1234");
  });

  test("a hard link shows nothing of what it holds unless that is a model", async () => {
    const path = diffusersFolder("hard", "out.safetensors");
    const secret = place("hard-secret.safetensors");
    writeFileSync(secret, "secret: 1234");
    linkSync(secret, join(path, "unet", "out.safetensors"));
    const end = await generate("--model", path);
    expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
      code: 2,
      written: [],
      stderr: "",
    });
    expect(end.stdout + end.stderr).not.toContain("1234");
  });
});

test("an ONNX model, which could name files of its own, is refused as a kind", async () => {
  const path = place("evil.onnx");
  // a ModelProto that begins as ONNX' own exporters begin it, with an external tensor far outside
  const location = new TextEncoder().encode("../../etc/passwd");
  writeFileSync(
    path,
    Buffer.concat([
      Uint8Array.of(8, 7, 0x12, 7),
      Buffer.from("pytorch"),
      Uint8Array.of(0x3a, location.length),
      location,
    ]),
  );
  const end = await generate("--model", path);
  expect({ code: end.code, written: end.written, stderr: end.code === 2 ? "" : end.stderr }).toEqual({
    code: 2,
    written: [],
    stderr: "",
  });
});

test("a model is only read: its bytes and its folder are what they were", async () => {
  const own = place("own/model.safetensors");
  mkdirSync(dirname(own));
  copyFileSync(model, own);
  const before = { bytes: readFileSync(own), ...times(own) };
  const end = await generate("--model", own, "--lora", `${lora}:0.5`);
  expect(end.code).toBe(0);
  expect(readFileSync(own).equals(before.bytes)).toBe(true);
  expect(times(own)).toEqual({ mtime: before.mtime, files: before.files });
});

function times(path: string) {
  return { mtime: statSync(path).mtimeMs, files: statSync(dirname(path)).mtimeMs };
}
