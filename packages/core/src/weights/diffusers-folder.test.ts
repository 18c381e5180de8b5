import { describe, expect, it } from "vitest";
import { memoryFolder } from "../files/memory-folder.test.fixture.js";
import type { FileSource } from "../files/source.js";
import { openComponent, readModelIndex } from "./diffusers-folder.js";
import { codeOf, rawFile } from "./raw-file.test.fixture.js";
import { openShards } from "./shards.js";

/** A file of one-byte tensors of these names. */
const holding = (...names: readonly string[]): FileSource =>
  rawFile(
    `{${names.map((name, i) => `"${name}":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`).join(",")}}`,
    names.length,
  );
const index = (map: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ metadata: { total_size: 1 }, weight_map: map });

describe("model_index.json", () => {
  it("gives the pipeline, its components and settings", async () => {
    const found = await readModelIndex(
      memoryFolder({
        "model_index.json":
          '{"_class_name":"StableDiffusionXLPipeline","unet":["diffusers","UNet2DConditionModel"],"image_encoder":[null,null],"force_zeros_for_empty_prompt":true}',
      }),
    );
    expect(found.className).toBe("StableDiffusionXLPipeline");
    expect([...found.components]).toEqual([["unet", { library: "diffusers", className: "UNet2DConditionModel" }]]);
    expect(found.settings.force_zeros_for_empty_prompt).toBe(true);
  });

  it.each([
    ["file-missing", {}],
    ["bad-model-index", { "model_index.json": "{}" }],
    ["bad-json", { "model_index.json": "<html>" }],
    ["unsafe-path", { "model_index.json": '{"_class_name":"P","../../x":["a","b"]}' }],
  ])("%s", async (code, files) => {
    expect(await codeOf(readModelIndex(memoryFolder(files as Record<string, string>)))).toBe(code);
  });
});

describe("a component's weights", () => {
  const config = '{"in_channels":4}';
  const paths = async (files: Record<string, string | FileSource>, variant?: string) =>
    (await openComponent(memoryFolder(files), "unet", variant === undefined ? {} : { variant })).paths;

  it("are the plain file, unless a variant is asked for or is the only one", async () => {
    const plain = "unet/diffusion_pytorch_model.safetensors";
    const half = "unet/diffusion_pytorch_model.fp16.safetensors";
    const files = { "unet/config.json": config, [plain]: holding("a"), [half]: holding("a") };
    expect(await paths(files)).toEqual([plain]);
    expect(await paths(files, "fp16")).toEqual([half]);
    expect(await paths({ "unet/config.json": config, [half]: holding("a") })).toEqual([half]);
    expect(await paths({ "unet/config.json": config, "unet/model.safetensors": holding("a") })).toEqual([
      "unet/model.safetensors",
    ]);
  });

  it("come with the config, and also from a folder of their own", async () => {
    const { config: read, weights } = await openComponent(
      memoryFolder({ "config.json": config, "model.safetensors": holding("a") }),
      "",
    );
    expect(read.in_channels).toBe(4);
    expect([...weights.names]).toEqual(["a"]);
  });

  it("may be shards, in the spelling of either library", async () => {
    for (const [name, shard] of [
      ["unet/diffusion_pytorch_model.safetensors.index.json", "diffusion_pytorch_model-00001-of-00001.safetensors"],
      [
        "unet/diffusion_pytorch_model.safetensors.index.fp16.json",
        "diffusion_pytorch_model.fp16-00001-of-00001.safetensors",
      ],
      ["unet/model.safetensors.index.json", "model-00001-of-00001.safetensors"],
    ] as const) {
      expect(
        await paths({ "unet/config.json": config, [name]: index({ a: shard }), [`unet/${shard}`]: holding("a") }),
      ).toEqual([`unet/${shard}`]);
    }
  });

  it.each([
    ["no-weights", { "unet/config.json": config, "unet/diffusion_pytorch_model.bin": "x" }, undefined],
    ["no-weights", { "unet/config.json": config, "unet/model.safetensors": holding("a") }, "fp16"],
    [
      "ambiguous-variant",
      {
        "unet/config.json": config,
        "unet/model.fp16.safetensors": holding("a"),
        "unet/model.bf16.safetensors": holding("a"),
      },
      undefined,
    ],
    [
      "ambiguous-variant",
      {
        "unet/config.json": config,
        "unet/model.safetensors": holding("a"),
        "unet/diffusion_pytorch_model.safetensors": holding("a"),
      },
      undefined,
    ],
    ["file-missing", { "unet/model.safetensors": holding("a") }, undefined],
  ] as const)("%s", async (code, files, variant) => {
    expect(await codeOf(paths(files, variant))).toBe(code);
  });

  it("never reads outside the component's folder", async () => {
    expect(await codeOf(openComponent(memoryFolder({ "model.safetensors": holding("a") }), "../unet"))).toBe(
      "unsafe-path",
    );
  });
});

describe("shards", () => {
  const open = (map: Readonly<Record<string, unknown>>, files: Record<string, FileSource> = {}) =>
    openShards(memoryFolder({ "m/index.json": index(map), ...files }), "m/index.json");

  it("are one set of weights, each tensor in its own file", async () => {
    const files = { "m/1.safetensors": holding("a", "b"), "m/2.safetensors": holding("c") };
    const { weights, paths } = await open({ a: "1.safetensors", c: "2.safetensors", b: "1.safetensors" }, files);
    expect([...weights.names].toSorted()).toEqual(["a", "b", "c"]);
    expect(weights.get("c")?.file).toBe(files["m/2.safetensors"]);
    expect(paths).toEqual(["m/1.safetensors", "m/2.safetensors"]);
  });

  it.each([
    ["a path that climbs", "unsafe-path", { a: "../../etc/x.safetensors" }],
    ["an absolute path", "unsafe-path", { a: "/etc/x.safetensors" }],
    ["a Windows path", "unsafe-path", { a: "C:\\x.safetensors" }],
    ["a subfolder", "bad-index", { a: "sub/x.safetensors" }],
    ["a pickle", "bad-index", { a: "pytorch_model.bin" }],
    ["something that is no name", "bad-index", { a: 1 }],
    ["a file that is not there", "file-missing", { a: "2.safetensors" }],
    ["a tensor the file lacks", "index-mismatch", { a: "1.safetensors", b: "1.safetensors", z: "1.safetensors" }],
    ["a tensor the index lacks", "index-mismatch", { a: "1.safetensors" }],
    [
      "more files than any model",
      "bad-index",
      Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [i, `${i}.safetensors`])),
    ],
  ])("refuse %s", async (_, code, map) => {
    expect(await codeOf(open(map, { "m/1.safetensors": holding("a", "b") }))).toBe(code);
  });

  it("refuse an index without a map, and name what is missing", async () => {
    expect(await codeOf(openShards(memoryFolder({ i: '{"weight_map":[]}' }), "i"))).toBe("bad-index");
    await expect(
      open({ a: "1.safetensors", b: "1.safetensors", z: "1.safetensors" }, { "m/1.safetensors": holding("a", "b") }),
    ).rejects.toThrow('1 ("z")');
  });
});
