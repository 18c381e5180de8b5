// A folder of captioned pictures as a picture source: decoded when asked for, cut to a centred square and resized. Node only.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { decodePicture, FewstepError, type ImageCodec, type Pixels, resize } from "@fewstep/core";
import { centredCrop } from "../data/buckets.js";
import { captionedNames, METADATA_NAME, parseMetadata } from "../data/captioned-names.js";
import type { KeyedPictures } from "../data/picture-source.js";

export interface FolderOptions {
  /** Pixels of a side. */
  readonly size: number;
  /** For JPEG and WebP; PNG needs none. */
  readonly codec?: ImageCodec;
}

/** Reads names and captions now, pictures later. Throws what `captionedNames` throws; a picture, `bad-training-picture`. */
export async function folderPictures(folder: string, { size, codec }: FolderOptions): Promise<KeyedPictures> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const texts = new Map<string, string>();
  for (const name of names.filter((one) => one.endsWith(".txt")))
    texts.set(name, await readFile(join(folder, name), "utf8"));
  const metadata = names.includes(METADATA_NAME)
    ? parseMetadata(await readFile(join(folder, METADATA_NAME), "utf8"))
    : new Map<string, string>();
  const pictures = captionedNames(names, texts, metadata);
  return {
    count: pictures.length,
    size,
    caption: (index) => pictures[index]!.caption,
    async key(index) {
      const bytes = await readFile(join(folder, pictures[index]!.name));
      return createHash("sha256").update(`${size}:`).update(bytes).digest("hex");
    },
    async picture(index) {
      const { name, caption } = pictures[index]!;
      const bytes = new Uint8Array(await readFile(join(folder, name)));
      const decoded = await decodePicture(bytes, codec === undefined ? {} : { codec }).catch((cause) => {
        throw badPicture(name, cause);
      });
      return { caption, pixels: squarePixels(decoded, size) };
    },
  };
}

function badPicture(name: string, cause: unknown): FewstepError {
  const reason = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  return new FewstepError({
    code: "bad-training-picture",
    message: `${name} cannot be read as a picture`,
    found: reason,
    expected: "a whole PNG, JPEG or WebP",
    hint: "repair the picture, or take it out of the folder",
    cause,
  });
}

/** The centred square, resized, as RGB; transparency is laid on white. */
function squarePixels(pixels: Pixels, size: number): Uint8Array {
  const { left, top, width, height } = centredCrop({ width: 1, height: 1 }, pixels.width, pixels.height);
  const square = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * pixels.width + left) * 4;
    square.set(pixels.data.subarray(from, from + width * 4), y * width * 4);
  }
  const { data } = resize({ width, height, data: square }, size, size);
  const rgb = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const alpha = data[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = Math.round(data[i * 4 + c]! * alpha + 255 * (1 - alpha));
  }
  return rgb;
}
