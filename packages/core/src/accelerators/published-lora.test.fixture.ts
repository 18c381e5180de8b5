// A LoRA file in the layout of the published accelerators, at full size and without its weights: header and alphas are real, the rest reads
// as zeros. Modules and shapes come from the UNets that the model builders make of SD1.5's and SDXL's configs.
import type { FileSource } from "../files/source.js";
import { type UnetConfig, unet } from "../models/unet.js";
import type { DType } from "../tensor/dtype.js";
import { encodeHalf } from "../tensor/half.js";
import { layoutSafetensors, type TensorToWrite } from "../weights/safetensors-writer.js";

const level = (channels: number, transformers: readonly number[], resample: boolean) => ({
  channels,
  transformers,
  resample,
});

const configs = {
  sd15: {
    inChannels: 4,
    outChannels: 4,
    down: [level(320, [1, 1], true), level(640, [1, 1], true), level(1280, [1, 1], true), level(1280, [0, 0], false)],
    mid: { resnets: 2, transformers: [1] },
    up: [
      level(1280, [0, 0, 0], true),
      level(1280, [1, 1, 1], true),
      level(640, [1, 1, 1], true),
      level(320, [1, 1, 1], false),
    ],
    contextWidth: 768,
    attention: { heads: 8 },
    projection: "conv",
    timeWidth: 1280,
    groups: 32,
  },
  sdxl: {
    inChannels: 4,
    outChannels: 4,
    down: [level(320, [0, 0], true), level(640, [2, 2], true), level(1280, [10, 10], false)],
    mid: { resnets: 2, transformers: [10] },
    up: [level(1280, [10, 10, 10], true), level(640, [2, 2, 2], true), level(320, [0, 0, 0], false)],
    contextWidth: 2048,
    attention: { headWidth: 64 },
    projection: "linear",
    timeWidth: 1280,
    additionWidth: 2816,
    groups: 32,
  },
} as const satisfies Record<string, UnetConfig>;

/** The layers that accelerators leave alone. */
const untouched = /^(?:conv_in|conv_out|time_embedding|add_embedding)\b/;

export interface PublishedLora {
  readonly base: keyof typeof configs;
  readonly name?: string;
  readonly rank?: number;
  readonly alpha?: number | undefined;
  readonly dtype?: DType & ("f16" | "f32");
  readonly metadata?: Readonly<Record<string, string>>;
}

export function publishedLora(options: PublishedLora): FileSource {
  const { base, name = "lora.safetensors", rank = 64, dtype = "f16", metadata } = options;
  const alpha = "alpha" in options ? options.alpha : 8;
  const shape = { batch: 1, height: 64, width: 64, tokens: 77 };
  const modules = unet(configs[base], shape).weights.flatMap(({ id, shape }): [string, readonly number[]][] =>
    id.endsWith(".weight") && shape.length >= 2 && !untouched.test(id)
      ? [[`lora_unet_${id.slice(0, -".weight".length).replaceAll(".", "_")}`, shape]]
      : [],
  );
  const tensor = (name: string, shape: readonly number[]): TensorToWrite => ({ name, dtype, shape, chunks: () => [] });
  const tensors = modules.flatMap(([module, [out = 0, ...inner]]) => [
    tensor(`${module}.lora_down.weight`, [rank, ...inner]),
    tensor(`${module}.lora_up.weight`, [out, rank, ...inner.slice(1).map(() => 1)]),
    ...(alpha === undefined ? [] : [tensor(`${module}.alpha`, [])]),
  ]);
  return withoutWeights(name, layoutSafetensors(tensors, metadata), dtype, alpha ?? 0);
}

function withoutWeights(
  name: string,
  layout: ReturnType<typeof layoutSafetensors>,
  dtype: "f16" | "f32",
  alpha: number,
): FileSource {
  const value = Float32Array.of(alpha);
  const stored =
    dtype === "f32" ? new Uint8Array(value.buffer) : new Uint8Array(encodeHalf(value, "f16").buffer.slice(0));
  const slice = (start: number, end: number) => ({
    arrayBuffer: async () => {
      const bytes = new Uint8Array(Math.min(end, layout.fileBytes) - start);
      if (start < layout.header.length) bytes.set(layout.header.subarray(start, Math.min(end, layout.header.length)));
      else if (bytes.length === stored.length) bytes.set(stored);
      return bytes.buffer;
    },
  });
  return { name, blob: { size: layout.fileBytes, slice } };
}
