// Names of a run's pictures.
import { describe, expect, test } from "vitest";
import { outputNames } from "./output-names.js";

const names = (out: string, prompts: number, seeds: readonly string[]) =>
  outputNames({ out, prompts, seeds: seeds.map(BigInt) }).map((row) => row.map(({ path }) => path));

describe("what tells pictures apart is added where it is needed", () => {
  test.each([
    ["cat.png", 1, ["7"], [["cat.png"]]],
    ["cat.png", 1, ["7", "8"], [["cat-7.png", "cat-8.png"]]],
    ["cat.png", 2, ["7"], [["cat-1.png"], ["cat-2.png"]]],
    [
      "cat.png",
      2,
      ["7", "8"],
      [
        ["cat-1-7.png", "cat-1-8.png"],
        ["cat-2-7.png", "cat-2-8.png"],
      ],
    ],
    ["{seed}/{prompt}.PNG", 1, ["7"], [["7/1.PNG"]]],
    ["{prompt}.png", 1, ["7", "8"], [["1-7.png", "1-8.png"]]],
    ["cat.JPG", 1, ["7", "8"], [["cat-7.JPG", "cat-8.JPG"]]],
    ["cat.png.webp", 1, ["7"], [["cat.png.webp"]]],
    ["a.b.png", 1, ["18446744073709551615", "0"], [["a.b-18446744073709551615.png", "a.b-0.png"]]],
  ])("%s, %i prompts, seeds %j", (out, prompts, seeds, expected) =>
    expect(names(out, prompts, seeds)).toEqual(expected),
  );
});

test("variations of one seed are told apart by the subseed", () => {
  const of = (out: string) => outputNames({ out, prompts: 1, seeds: [7n, 7n], subseeds: ["3", "4"] })[0]!;
  expect(of("a.png").map(({ path }) => path)).toEqual(["a-3.png", "a-4.png"]);
  expect(of("{seed}_{subseed}.png").map(({ path }) => path)).toEqual(["7_3.png", "7_4.png"]);
});

test("numbers of prompts sort as they count", () => {
  expect(names("p.png", 10, ["1"])[8]).toEqual(["p-09.png"]);
});

test("all names of a run differ", () => {
  for (const out of ["a.png", "{seed}.png", "{prompt}.png", "{prompt}{seed}.png"]) {
    const all = names(out, 12, ["1", "2", "11"]).flat();
    expect(new Set(all).size, out).toBe(all.length);
  }
});

test.each(["cat", "cat.gif", "cat.constructor", "", "-", ".png", ".png/"])("%j is refused", (out) => {
  expect(() => names(out, 1, ["1"])).toThrowError(expect.objectContaining({ code: "bad-output" }));
});
