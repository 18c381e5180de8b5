// Small adapter files for tests, made in memory and opened as any file is.
import { fromFloat32 } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import { elementCount } from "../../tensor/shape.js";
import { openSafetensors, type SafetensorsFile } from "../safetensors.js";
import { layoutSafetensors, writeSafetensors } from "../safetensors-writer.js";

/** Shape, and the values: a list, a function of the index, or (default) small numbers that differ. */
export type TensorSpec = readonly [
  shape: readonly number[],
  values?: readonly number[] | ((index: number) => number),
  dtype?: DType,
];

export const varied = (index: number): number => Math.sin(1 + index * 1.7) / 2;

export async function bytesOf(
  tensors: Readonly<Record<string, TensorSpec>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const written = Object.entries(tensors).map(([name, [shape, values = varied, dtype = "f32"]]) => {
    const data = Float32Array.from({ length: elementCount(shape) }, (_, i) =>
      typeof values === "function" ? values(i) : values[i]!,
    );
    return { name, dtype, shape, chunks: () => [fromFloat32(data, dtype)] };
  });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of writeSafetensors(layoutSafetensors(written, metadata))) pieces.push(chunk.slice());
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

export async function fileWith(
  tensors: Readonly<Record<string, TensorSpec>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<SafetensorsFile> {
  return openSafetensors({ name: "test.safetensors", blob: new Blob([await bytesOf(tensors, metadata)]) });
}
