import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "@fewstep/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bucketsOf, centredCrop, nearestBucket } from "../data/buckets.js";
import { parseMetadata } from "../data/captioned-names.js";
import { bucketedPictures, folderPictures } from "./folder-pictures.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-pictures-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A picture of one colour between two black edges, `width` by `height`. */
async function put(name: string, width: number, height: number, colour: readonly [number, number, number, number]) {
  const edge = Math.floor((width - height) / 2);
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    data.set(x < edge || x >= width - edge ? [0, 0, 0, 255] : colour, i * 4);
  }
  await writeFile(join(folder, name), await encodePng({ width, height, data }));
}

describe("a folder of pictures", () => {
  it("has kohya's text files and diffusers' metadata, and is cut to centred squares", async () => {
    await mkdir(join(folder, "more"));
    await put("b.png", 32, 16, [255, 0, 0, 255]);
    await writeFile(join(folder, "b.txt"), "a red square\n");
    await put("more/a.png", 16, 16, [0, 0, 255, 0]);
    await put("c.png", 48, 16, [0, 255, 0, 255]);
    await writeFile(join(folder, "c.txt"), "not this");
    await writeFile(
      join(folder, "metadata.jsonl"),
      `${JSON.stringify({ file_name: "c.png", text: "a green square" })}\n${JSON.stringify({ file_name: "more/a.png", text: "nothing" })}\n`,
    );
    const source = await folderPictures(folder, { size: 8 });
    expect(source.count).toBe(3);
    const pictures = await Promise.all([0, 1, 2].map((index) => source.picture(index)));
    expect(pictures.map(({ caption }) => caption)).toEqual(["a red square", "a green square", "nothing"]);
    const corner = ({ pixels }: { pixels: Uint8Array }) => [...pixels.subarray(0, 3)];
    expect(pictures.map(corner)).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [255, 255, 255],
    ]);
    expect(pictures.every(({ pixels }) => pixels.length === 8 * 8 * 3)).toBe(true);
  });
  it("may be links, have .caption files, and tables in its parts; marks of byte order are no text", async () => {
    await mkdir(join(folder, "train"));
    const store = await mkdtemp(join(tmpdir(), "fewstep-blobs-"));
    try {
      await put("a.png", 16, 16, [255, 0, 0, 255]);
      await rename(join(folder, "a.png"), join(store, "blob"));
      await symlink(join(store, "blob"), join(folder, "train", "a.png"));
      await put("b.png", 16, 16, [0, 0, 255, 255]);
      await writeFile(join(folder, "b.caption"), "\uFEFFblue");
      await writeFile(
        join(folder, "train", "metadata.jsonl"),
        `\uFEFF${JSON.stringify({ file_name: "a.png", text: "red" })}\r\n`,
      );
      const source = await folderPictures(folder, { size: 8 });
      expect([0, 1].map((index) => source.caption(index))).toEqual(["blue", "red"]);
      expect([...(await source.picture(1)).pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
    } finally {
      await rm(store, { recursive: true });
    }
  });
  it("comes in buckets of the pictures' shapes", async () => {
    for (const [name, width, height] of [
      ["a", 96, 96],
      ["b", 100, 90],
      ["c", 200, 100],
      ["d", 128, 128],
    ] as const) {
      await put(`${name}.png`, width, height, [255, 0, 0, 255]);
      await writeFile(join(folder, `${name}.txt`), name);
    }
    const told: number[] = [];
    const buckets = await bucketedPictures(folder, { size: 128, progress: (done) => told.push(done) });
    expect(told).toEqual([1, 2, 3, 4]);
    const shapes = buckets.map(({ count, width, height }) => [count, width, height]);
    expect(shapes).toEqual([
      [3, 128, 128],
      [1, 160, 96],
    ]);
    const [{ caption, pixels }] = await Promise.all([buckets[1]!.picture(0)]);
    expect(caption).toBe("c");
    expect(pixels.length).toBe(160 * 96 * 3);
    // the same file is another picture in another bucket
    const squares = await folderPictures(folder, { size: 128 });
    expect(await buckets[1]!.key(0)).not.toBe(await squares.key(2));
    await expect(
      bucketedPictures(folder, { size: 128, signal: AbortSignal.abort(new Error("stopped")) }),
    ).rejects.toThrow("stopped");
    await expect(bucketedPictures(folder, { size: 32, step: 64 })).rejects.toMatchObject({
      code: "size-without-buckets",
    });
    await writeFile(join(folder, "e.png"), "no picture");
    await writeFile(join(folder, "e.txt"), "e");
    await expect(bucketedPictures(folder, { size: 128 })).rejects.toMatchObject({ code: "bad-training-picture" });
  });
  it("says what is missing", async () => {
    await expect(folderPictures(folder, { size: 8 })).rejects.toMatchObject({ code: "no-pictures" });
    await put("a.png", 8, 8, [1, 2, 3, 255]);
    await expect(folderPictures(folder, { size: 8 })).rejects.toMatchObject({ code: "picture-without-caption" });
    await writeFile(join(folder, "metadata.jsonl"), "{");
    await expect(folderPictures(folder, { size: 8 })).rejects.toMatchObject({ code: "bad-metadata-line" });
  });
  it("refuses lines that are no captions", () => {
    for (const line of ["1", "null", "[]", '{"file_name":1,"text":"a"}', '{"file_name":"a"}'])
      expect(() => parseMetadata(`\n${line}\n`)).toThrowError(
        expect.objectContaining({ code: "bad-metadata-line", message: expect.stringContaining("line 2") }),
      );
  });
});

describe("buckets", () => {
  it("have sides of whole steps and no more area than the resolution's square", () => {
    for (const resolution of [128, 512, 768, 1024]) {
      const step = resolution < 256 ? 32 : 64;
      for (const { width, height } of bucketsOf(resolution)) {
        expect([width % step, height % step]).toEqual([0, 0]);
        expect(width * height).toBeLessThanOrEqual(resolution ** 2);
      }
    }
    expect(bucketsOf(512)).toContainEqual({ width: 512, height: 512 });
    expect(bucketsOf(1024)).toContainEqual({ width: 832, height: 1216 });
  });
  it("are chosen by shape", () => {
    const buckets = bucketsOf(512);
    expect(nearestBucket(buckets, 3000, 3000)).toEqual({ width: 512, height: 512 });
    expect(nearestBucket(buckets, 1600, 900)).toEqual({ width: 640, height: 384 });
    expect(nearestBucket(buckets, 900, 1600)).toEqual({ width: 384, height: 640 });
  });
  it("keep the centre", () => {
    expect(centredCrop({ width: 512, height: 512 }, 300, 100)).toEqual({ left: 100, top: 0, width: 100, height: 100 });
  });
});
