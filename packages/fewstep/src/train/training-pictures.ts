// --data to pictures: a folder of the user's, or the illustrator, whose pictures are drawn when they are asked for.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { FewstepError, type ImageCodec } from "@fewstep/core";
import { sharpCodec } from "@fewstep/core/node";
import type { KeyedPictures } from "@fewstep/train";
import { type BucketOptions, bucketedPictures, folderPictures } from "@fewstep/train/node";

export const ILLUSTRATOR = "illustrator";

/** The stream that models are trained on; others belong to the judge, the critic and the references of scores. */
const STREAM = 1;

/** sharp, loaded when the first JPEG or WebP comes: a folder of PNG needs none. */
const CODEC: ImageCodec = {
  decode: async (...given) => (await sharpCodec()).decode(...given),
  encode: async (...given) => (await sharpCodec()).encode(...given),
};

export interface PicturesRequest {
  readonly data: string;
  /** Side in pixels. */
  readonly size: number;
  /** For the illustrator: how many. */
  readonly pictures: number;
}

/** Throws `no-training-data`, and what folders of pictures throw. */
export async function trainingPictures({ data, size, pictures }: PicturesRequest): Promise<KeyedPictures> {
  if (data === ILLUSTRATOR) return illustratorPictures(pictures, size);
  await checkFolder(data);
  return folderPictures(data, { size, codec: CODEC });
}

async function checkFolder(data: string): Promise<void> {
  const isFolder = await stat(data).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new FewstepError({
      code: "no-training-data",
      message: "--data names no folder",
      found: data,
      expected: `a folder of captioned pictures, or ${ILLUSTRATOR}`,
      hint: "put a .txt with the caption beside each picture, or a metadata.jsonl into the folder",
    });
}

/** The pictures by their shapes, sides being multiples of `step`, the shape of most first. Throws what trainingPictures does. */
export async function picturesByShape(
  { data, size, step, pictures }: PicturesRequest & { readonly step: number },
  { signal, progress }: Required<Pick<BucketOptions, "signal" | "progress">>,
): Promise<readonly KeyedPictures[]> {
  if (data === ILLUSTRATOR) return [await illustratorPictures(pictures, size)];
  await checkFolder(data);
  return bucketedPictures(data, { size, step, codec: CODEC, signal, progress });
}

async function illustratorPictures(count: number, size: number): Promise<KeyedPictures> {
  const { drawScene, renderScene, sampleOf } = await import("@fewstep/tiny/illustrator");
  return {
    count,
    width: size,
    height: size,
    caption: (index) => sampleOf(STREAM, index).caption,
    key: (index) =>
      createHash("sha256")
        .update(drawScene(sampleOf(STREAM, index).scene))
        .digest("hex"),
    picture(index) {
      const { scene, caption } = sampleOf(STREAM, index);
      return { pixels: renderScene(scene, size), caption };
    },
  };
}

/** The first pictures of a source. */
export function firstPictures(source: KeyedPictures, count: number): KeyedPictures {
  return { ...source, count: Math.min(source.count, count) };
}
