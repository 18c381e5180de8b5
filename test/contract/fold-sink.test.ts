// What every sink for folded weights must do: keep bytes in order, hand them on as a file, stop when told to, and leave nothing.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FoldSink, memorySink } from "@fewstep/core";
import { foldFile } from "@fewstep/core/node";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "fewstep-sinks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SINKS: readonly (readonly [name: string, make: () => FoldSink])[] = [
  ["in memory", () => memorySink()],
  ["in a file", () => foldFile({ folder })],
];

async function bytesOf(sink: FoldSink): Promise<Uint8Array> {
  const { blob } = await sink.finish();
  return new Uint8Array(await blob.slice(0, blob.size).arrayBuffer());
}

describe.each(SINKS)("%s", (_, make) => {
  test("keeps what is written in order, whatever becomes of the writer's buffer", async () => {
    const sink = make();
    const buffer = Uint8Array.of(1, 2, 3);
    await sink.write(buffer);
    buffer.fill(9);
    await sink.write(new Uint8Array(0));
    await sink.write(buffer.subarray(1));
    expect([...(await bytesOf(sink))]).toEqual([1, 2, 3, 9, 9]);
    await sink.discard();
  });

  test("takes megabytes, and any part of them can be read", async () => {
    const sink = make();
    const block = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 251);
    for (let i = 0; i < 5; i++) await sink.write(block);
    const { blob } = await sink.finish();
    expect(blob.size).toBe(5 << 20);
    const at = (3 << 20) - 2;
    const part = new Uint8Array(await blob.slice(at, at + 4).arrayBuffer());
    expect([...part]).toEqual([block.at(-2), block.at(-1), block[0], block[1]]);
    await sink.discard();
  });

  test("with nothing written gives an empty file", async () => {
    const sink = make();
    expect(await bytesOf(sink)).toHaveLength(0);
    await sink.discard();
  });

  test("refuses to write once it is told to stop, and keeps what came before", async () => {
    const sink = make();
    await sink.write(Uint8Array.of(1));
    const stopped = sink.write(Uint8Array.of(2), AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: "interrupted", kind: "interrupted" });
    expect([...(await bytesOf(sink))]).toEqual([1]);
    await sink.discard();
  });

  test("can be given up at any time, and twice, and leaves nothing", async () => {
    const before = readdirSync(folder);
    const [unused, begun, finished] = [make(), make(), make()];
    for (const sink of [begun, finished]) await sink.write(Uint8Array.of(1));
    await finished.finish();
    for (const sink of [unused, begun, finished, finished]) await sink.discard();
    expect(readdirSync(folder)).toEqual(before);
  });
});
