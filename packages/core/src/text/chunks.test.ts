import { expect, test } from "vitest";
import { type Chunk, CLIP_SHAPE, type TokenPart } from "./chunk.js";
import { a1111Chunks } from "./chunks-a1111.js";
import { comfyuiChunks } from "./chunks-comfyui.js";

const tokens = (ids: readonly number[], weight = 1): TokenPart => ({ kind: "tokens", ids, weight });
const inner = ({ ids, weights, used }: Chunk) => ids.slice(1, used + 1).map((id, i) => [id, weights[i + 1]]);

test("every token is kept once, in order, with its weight: 3,000 random prompts, both programs", () => {
  let state = 3;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 3_000; i++) {
    const parts = Array.from({ length: 1 + draw(6) }, (): TokenPart => {
      if (draw(8) === 0) return { kind: "embedding", name: "e", vectors: 1 + draw(75), weight: 1 + draw(3) / 10 };
      const ids = Array.from({ length: draw(60) }, () => (draw(9) === 0 ? CLIP_SHAPE.comma : 1000 + draw(9)));
      return tokens(ids, 1 + draw(3) / 10);
    });
    const expected = parts.flatMap((part) => {
      if (part.kind === "break") return [];
      const ids = part.kind === "tokens" ? part.ids : new Array<number>(part.vectors).fill(0);
      return ids.map((id) => [id, part.weight]);
    });
    for (const chunks of [a1111Chunks(parts, { shape: CLIP_SHAPE }), comfyuiChunks(parts, CLIP_SHAPE)]) {
      expect(chunks.flatMap(inner)).toEqual(expected);
      expect(chunks.every(({ ids, used }) => ids.length === 77 && used <= 75 && ids[used + 1] === CLIP_SHAPE.end)).toBe(
        true,
      );
    }
  }
});

test("vectors of a textual inversion move along with the tokens that a comma sends on", () => {
  const parts = [
    tokens(Array(70).fill(1000)),
    tokens([267]),
    { kind: "embedding", name: "e", vectors: 3, weight: 1.2 } as const,
    tokens([7, 8]),
  ];
  const [first, second] = a1111Chunks(parts, { shape: CLIP_SHAPE });
  expect(first?.vectors).toEqual([]);
  expect(second?.vectors).toEqual([0, 1, 2].map((vector) => ({ at: vector + 1, name: "e", vector })));
  expect(second?.ids.slice(0, 6)).toEqual([49406, 0, 0, 0, 7, 8]);
});

test("a textual inversion of 75 vectors fills a window, of 76 is refused", () => {
  const embedding = (vectors: number): TokenPart => ({ kind: "embedding", name: "big", vectors, weight: 1 });
  expect(a1111Chunks([tokens([5]), embedding(75)], { shape: CLIP_SHAPE }).map(({ used }) => used)).toEqual([1, 75]);
  expect(() => a1111Chunks([embedding(76)], { shape: CLIP_SHAPE })).toThrow(/more vectors than a chunk has places/);
});

test("A1111 pads with 0 from the first end token on, even one that the prompt named; ComfyUI only the tail", () => {
  const parts = [tokens([5, CLIP_SHAPE.end, 6])];
  const shape = { ...CLIP_SHAPE, pad: 0 };
  expect(a1111Chunks(parts, { shape })[0]?.ids.slice(0, 6)).toEqual([49406, 5, 49407, 0, 0, 0]);
  expect(comfyuiChunks(parts, shape)[0]?.ids.slice(0, 6)).toEqual([49406, 5, 49407, 6, 49407, 0]);
});
