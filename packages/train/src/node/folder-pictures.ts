// A folder of captioned pictures as a picture source, or as one for each shape: decoded when asked for, cut to the centre and resized. Node only.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { decodePicture, FewstepError, type ImageCodec, type Pixels, resize } from "@fewstep/core";
import { type Bucket, bucketsOf, centredCrop, nearestBucket } from "../data/buckets.js";
import {
  CAPTION_NAMES,
  type CaptionedName,
  captionedNames,
  METADATA_NAME,
  parseMetadata,
} from "../data/captioned-names.js";
import type { KeyedPictures } from "../data/picture-source.js";

export interface FolderOptions {
  /** Pixels of a side; of buckets, the side of a square of their area. */
  readonly size: number;
  /** For JPEG and WebP; PNG needs none. */
  readonly codec?: ImageCodec;
}

export interface BucketOptions extends FolderOptions {
  /** Sides are multiples of it; default 64, or 32 of small resolutions. */
  readonly step?: number;
  readonly signal?: AbortSignal;
  /** Told after each picture whose shape was read. */
  readonly progress?: (done: number, of: number) => void;
}

/** Reads names and captions now, pictures later. Throws what `captionedNames` throws; a picture, `bad-training-picture`. */
export async function folderPictures(folder: string, { size, codec }: FolderOptions): Promise<KeyedPictures> {
  return picturesOf(folder, await captionedPictures(folder), { width: size, height: size }, codec);
}

/**
 * The pictures by their shapes, each in the bucket that is nearest to its own; the bucket of most pictures first. Every picture is decoded once
 * for its shape. Throws `size-without-buckets` and what folderPictures does, a picture's fault at once.
 */
export async function bucketedPictures(folder: string, options: BucketOptions): Promise<readonly KeyedPictures[]> {
  const { size, step, codec, signal, progress } = options;
  const pictures = await captionedPictures(folder);
  const buckets = bucketsOf(size, step);
  if (buckets.length === 0)
    throw new FewstepError({
      code: "size-without-buckets",
      message: "there is no bucket of so few pixels",
      found: `${size}x${size}`,
      expected: `at least ${step}x${step}`,
      hint: "train at a larger --size, or leave --buckets out",
    });
  const members = new Map<Bucket, CaptionedName[]>();
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted();
    const { width, height } = await decoded(folder, picture.name, codec);
    const bucket = nearestBucket(buckets, width, height);
    const own = members.get(bucket) ?? [];
    members.set(bucket, own);
    own.push(picture);
    progress?.(i + 1, pictures.length);
  }
  return [...members]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([bucket, own]) => picturesOf(folder, own, bucket, codec));
}

async function captionedPictures(folder: string): Promise<readonly CaptionedName[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    // datasets that a hub's cache holds are links to its files
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  const names = paths.map((path) => relative(folder, path).split(sep).join("/"));
  const texts = new Map<string, string>();
  for (const name of names.filter((one) => CAPTION_NAMES.test(one)))
    texts.set(name, await readFile(join(folder, name), "utf8"));
  const metadata = new Map<string, string>();
  for (const name of names.filter((one) => posix.basename(one) === METADATA_NAME)) {
    const within = name.slice(0, -METADATA_NAME.length);
    for (const [picture, caption] of parseMetadata(await readFile(join(folder, name), "utf8"), within))
      metadata.set(picture, caption);
  }
  return captionedNames(names, texts, metadata);
}

function picturesOf(
  folder: string,
  pictures: readonly CaptionedName[],
  bucket: Bucket,
  codec: ImageCodec | undefined,
): KeyedPictures {
  const { width, height } = bucket;
  return {
    count: pictures.length,
    width,
    height,
    caption: (index) => pictures[index]!.caption,
    async key(index) {
      const bytes = await readFile(join(folder, pictures[index]!.name));
      return createHash("sha256").update(`${width}x${height}:`).update(bytes).digest("hex");
    },
    async picture(index) {
      const { name, caption } = pictures[index]!;
      return { caption, pixels: filledPixels(await decoded(folder, name, codec), bucket) };
    },
  };
}

async function decoded(folder: string, name: string, codec: ImageCodec | undefined): Promise<Pixels> {
  const bytes = new Uint8Array(await readFile(join(folder, name)));
  return decodePicture(bytes, codec === undefined ? {} : { codec }).catch((cause) => {
    throw badPicture(name, cause);
  });
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

/** The centred part of the bucket's shape, resized, as RGB; transparency is laid on white. */
function filledPixels(pixels: Pixels, bucket: Bucket): Uint8Array {
  const { left, top, width, height } = centredCrop(bucket, pixels.width, pixels.height);
  const part = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * pixels.width + left) * 4;
    part.set(pixels.data.subarray(from, from + width * 4), y * width * 4);
  }
  const { data } = resize({ width, height, data: part }, bucket.width, bucket.height);
  const rgb = new Uint8Array(bucket.width * bucket.height * 3);
  for (let i = 0; i < bucket.width * bucket.height; i++) {
    const alpha = data[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = Math.round(data[i * 4 + c]! * alpha + 255 * (1 - alpha));
  }
  return rgb;
}
