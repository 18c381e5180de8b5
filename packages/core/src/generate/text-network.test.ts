// Tokens that a prompt hides (compel's weights below 1): who sees them, on the small checkpoint's text encoder.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { CLIP_SHAPE, closeChunk } from "../text/chunk.js";
import { TextNetwork, WINDOW } from "./text-network.js";
import { largestDifference, tinyCheckpoint } from "./tiny-pipeline.test.fixture.js";

let runtime: ChildRuntime;
let network: TextNetwork;
beforeAll(async () => {
  const { text } = await tinyCheckpoint();
  runtime = childRuntime({ threads: 1 });
  const request = { skip: 1, normed: true, pooled: false };
  network = await TextNetwork.load(runtime, { index: 0, part: text[0]!, request }, { adapters: [], casts: "late" });
});
afterAll(async () => {
  await network.dispose();
  await runtime.dispose();
});

const window = (...ids: readonly number[]) =>
  closeChunk(
    ids.map((id) => ({ id, weight: 1 })),
    CLIP_SHAPE,
  );
/** The states of places `from` to `to`. */
async function rows(ids: readonly number[], masked: readonly number[], from: number, to: number) {
  const { states } = await network.run(window(...ids), masked);
  return (states!.data as Float32Array).subarray(from * network.width, to * network.width);
}

describe("hidden tokens", () => {
  it("hiding the last place alone changes no place before it", async () => {
    const hidden = await rows([320, 2368], [WINDOW - 1], 0, WINDOW - 1);
    expect(largestDifference(hidden, await rows([320, 2368], [], 0, WINDOW - 1))).toBeLessThan(1e-5);
  });

  it("what is hidden counts for no other place", async () => {
    const [cat, dog] = [await rows([320, 2368, 320], [2], 3, WINDOW), await rows([320, 1929, 320], [2], 3, WINDOW)];
    expect(largestDifference(cat, dog)).toBe(0);
    expect(largestDifference(cat, await rows([320, 2368, 320], [], 3, WINDOW))).toBeGreaterThan(1e-3);
    expect(largestDifference(await rows([320, 2368], [2], 0, 2), await rows([320, 2368], [], 0, 2))).toBeLessThan(1e-5);
  });
});
