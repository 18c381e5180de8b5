// Files that no model is: made byte by byte, or from a real small model by leaving out or renaming tensors.
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { GeneratedModels } from "../golden/models.js";

const models = new GeneratedModels(
  fileURLToPath(new URL("../golden/data", import.meta.url)),
  fileURLToPath(new URL("../../.cache/golden-models", import.meta.url)),
);

/** The path of a small model. */
export const smallModel = async (spec: string): Promise<string> => (await models.open(spec)).path!;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A safetensors file: the length of the header (or a lie about it), the header, that many zeros or those bytes. */
export function raw(header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? utf8(header) : header;
  const bytes = typeof data === "number" ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + text.length + bytes.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  file.set(bytes, 8 + text.length);
  return file;
}

export const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

export const one = (dtype: string, shape: string, offsets: string): string =>
  `{"test":${entry(dtype, shape, offsets)}}`;

/** A header of F16 tensors one after the other, and the bytes that they take. */
export function halves(tensors: readonly (readonly [name: string, shape: readonly number[]])[]) {
  let end = 0;
  const rows = tensors.map(([name, shape]) => {
    const begin = end;
    end += 2 * shape.reduce((product, size) => product * size, 1);
    return `${JSON.stringify(name)}:${entry("F16", JSON.stringify(shape), `[${begin},${end}]`)}`;
  });
  return { header: `{${rows.join(",")}}`, bytes: end };
}

/** A file whose data are a hole of `bytes` zeros: large to look at, nothing on disk. */
export function writeSparse(path: string, header: string, bytes: number): void {
  const file = openSync(path, "w");
  const start = raw(header);
  writeSync(file, start);
  ftruncateSync(file, start.length + bytes);
  closeSync(file);
}

/** A copy of a model with those of its tensors for which `rename` has a name, under that name. */
export async function writeRenamed(
  model: string,
  path: string,
  rename: (name: string) => string | undefined,
): Promise<void> {
  const { weights } = await openSafetensors(await openFile(model));
  const source = readFileSync(model);
  const header: Record<string, unknown> = {};
  const chunks: Uint8Array[] = [];
  let end = 0;
  for (const name of weights.names) {
    const tensor = weights.get(name)!;
    const renamed = rename(name);
    if (renamed === undefined) continue;
    const data_offsets = [end, end + tensor.byteLength];
    end += tensor.byteLength;
    header[renamed] = { dtype: tensor.dtype.toUpperCase(), shape: tensor.shape, data_offsets };
    chunks.push(source.subarray(tensor.offset, tensor.offset + tensor.byteLength));
  }
  writeFileSync(path, raw(JSON.stringify(header), Buffer.concat(chunks)));
}
