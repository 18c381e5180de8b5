import { describe, expect, it } from "vitest";
import { randomStream } from "../optim/random-stream.js";
import { variedCaption } from "./captions.js";
import { latentSet } from "./latent-set.js";
import { shuffledOrder } from "./order.js";
import { expandTable, reduceTable, tokenRows, tokenRowsOf, UNKNOWN_ROW, withUnknown } from "./token-rows.js";

describe("captions in training", () => {
  const caption = "1girl, pink hair, smile, night sky";
  const tags = caption.split(", ");
  const many = Array.from({ length: 4000 }, (_, i) => variedCaption(caption, randomStream(1, "caption", i)));
  it("hold only tags of the caption, each at most once", () => {
    for (const text of many.filter((text) => text !== "")) {
      const found = text.split(", ");
      expect(found.every((tag) => tags.includes(tag))).toBe(true);
      expect(new Set(found).size).toBe(found.length);
    }
  });
  it("are empty, shuffled and shortened about as often as asked", () => {
    const part = (test: (text: string) => boolean) => many.filter(test).length / many.length;
    expect(part((text) => text === "")).toBeGreaterThan(0.09);
    expect(part((text) => text === "")).toBeLessThan(0.14);
    expect(part((text) => text === caption)).toBeGreaterThan(0.2);
    expect(part((text) => text.split(", ").length === 4 && text !== caption)).toBeGreaterThan(0.2);
    expect(part((text) => text !== "" && text.split(", ").length < 4)).toBeGreaterThan(0.2);
  });
  it("stand unchanged where nothing is asked for", () => {
    expect(variedCaption(caption, randomStream(1, "x", 0), { empty: 0, shuffle: 0, drop: 0 })).toBe(caption);
  });
});

describe("the order of pictures", () => {
  it("shows every picture once an epoch, whatever the batch", () => {
    const order = shuffledOrder(10, 1);
    const seen = Array.from({ length: 10 }, (_, i) => order.batch(i, 3)).flat();
    for (let epoch = 0; epoch < 3; epoch++) {
      const part = seen.slice(epoch * 10, epoch * 10 + 10);
      expect([...part].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
  it("can be read from anywhere", () => {
    const order = shuffledOrder(10, 1);
    const late = order.batch(7, 3);
    order.batch(0, 3);
    expect(order.batch(7, 3)).toEqual(late);
    expect(shuffledOrder(10, 1).batch(7, 3)).toEqual(late);
  });
});

describe("token rows", () => {
  const tokenise = (text: string) => {
    const words = [...text].filter((letter) => letter !== " ").map((letter) => letter.charCodeAt(0));
    return [1000, ...words, ...Array.from({ length: 15 - words.length }, () => 1001)];
  };
  it("hold what captions use, and one row for all else", () => {
    const rows = tokenRowsOf(["a, b", "c"], tokenise);
    expect(rows.ids).toEqual([-1, 44, 97, 98, 99, 1000, 1001]);
    expect(rows.rowOf(97)).toBe(2);
    expect(rows.rowOf(500)).toBe(UNKNOWN_ROW);
  });
  it("give the full table trained rows where they belong", () => {
    const rows = tokenRows([1, 3]);
    expect([...expandTable(Float32Array.of(10, 11, 20, 21, 30, 31), rows, 5)]).toEqual([
      10, 11, 20, 21, 10, 11, 30, 31, 10, 11,
    ]);
    expect(() => expandTable(new Float32Array(5), rows, 5)).toThrowError(
      expect.objectContaining({ code: "token-table-size" }),
    );
  });
  it("are taken out of a full table again, the unknown row from a token without one", () => {
    const rows = tokenRows([1, 3]);
    const table = Float32Array.of(10, 11, 20, 21, 30, 31);
    expect(reduceTable(expandTable(table, rows, 5), rows, 2)).toEqual(table);
  });
  it("take unknown words in between, in order, at the same length", () => {
    for (let i = 0; i < 200; i++) {
      const rows = withUnknown([8, 1, 2, 3, 9, 9, 9, 9, 9, 9], 9, randomStream(1, "u", i));
      expect(rows.length).toBe(10);
      expect(rows[0]).toBe(8);
      expect(rows.at(-1)).toBe(9);
      expect(rows.filter((row) => row !== UNKNOWN_ROW && row < 8)).toEqual([1, 2, 3]);
      expect(rows.includes(UNKNOWN_ROW)).toBe(true);
    }
    const full = [8, 1, 2, 3, 9];
    expect(withUnknown(full, 9, randomStream(1, "u", 0))).toEqual(full);
  });
});

describe("a latent set", () => {
  it("refuses captions that do not count its latents", () => {
    expect(() => latentSet(new Float32Array(8), [1, 2, 2], ["a"])).toThrow(RangeError);
    expect([...latentSet(Float32Array.of(1, 2, 3, 4), [1, 1, 2], ["a", "b"]).latent(1)]).toEqual([3, 4]);
  });
});
