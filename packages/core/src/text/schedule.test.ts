import { expect, test } from "vitest";
import { scheduleTexts } from "./schedule.js";

const entries = (prompt: string, steps: number, firstPassSteps?: number) =>
  scheduleTexts(prompt, { steps, ...(firstPassSteps === undefined ? {} : { firstPassSteps }) }).map(
    ({ lastStep, text }) => [lastStep, text],
  );

// the original's own examples, ten steps
test.each([
  ["test", [[10, "test"]]],
  [
    "a [b:3]",
    [
      [3, "a "],
      [10, "a b"],
    ],
  ],
  [
    "a [b: 3]",
    [
      [3, "a "],
      [10, "a b"],
    ],
  ],
  [
    "a [[[b]]:2]",
    [
      [2, "a "],
      [10, "a [[b]]"],
    ],
  ],
  [
    "[(a:2):3]",
    [
      [3, ""],
      [10, "(a:2)"],
    ],
  ],
  [
    "a [b : c : 1] d",
    [
      [1, "a b  d"],
      [10, "a  c  d"],
    ],
  ],
  ["a [unbalanced", [[10, "a [unbalanced"]]],
  [
    "a [b:.5] c",
    [
      [5, "a  c"],
      [10, "a b c"],
    ],
  ],
])("%s", (prompt, expected) => {
  expect(entries(prompt, 10)).toEqual(expected);
});

test("the original's examples of alternation and of a second pass", () => {
  expect(entries("[fe|]male", 4).map(([, text]) => text)).toEqual(["female", "male", "female", "male"]);
  expect(entries("[a|(b:1.1)]", 3).map(([, text]) => text)).toEqual(["a", "(b:1.1)", "a"]);
  expect(entries("a [b:.5] c", 10, 10)).toEqual([[10, "a b c"]]);
  expect(entries("a [b:1.5] c", 10, 10)).toEqual([
    [5, "a  c"],
    [10, "a b c"],
  ]);
});

test("the original's long example changes at 25, 50, 60, 75 and 100", () => {
  const prompt =
    "fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75][ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]";
  expect(entries(prompt, 100).map(([step]) => step)).toEqual([25, 50, 60, 75, 100]);
  expect(entries(prompt, 100).at(-1)?.[1]).toBe(
    "fantasy landscape with a lake and a christmas tree in background masterful",
  );
});

test("a stray bracket frees the brackets around it, not those inside or beside it", () => {
  expect(entries("[x (y [a:b:2] z:c:2]", 4)).toEqual([
    [2, "[x (y a z:c:2]"],
    [4, "[x (y b z:c:2]"],
  ]);
  expect(entries("[a:b:2] ]", 4)).toEqual([
    [2, "a ]"],
    [4, "b ]"],
  ]);
});

test("numbers that are no steps: infinite, negative, beyond the end", () => {
  expect(entries("[a:b:1e309]", 4)).toEqual([[4, "a"]]);
  expect(entries("[a:b:-1e309]", 4)).toEqual([[4, "b"]]);
  expect(entries("[a:b:1.0e309]", 4)).toEqual([[4, "a"]]);
});

test("a nest of 60,000 schedules needs no stack", () => {
  const depth = 60_000;
  const texts = entries(`${"[".repeat(depth)}a${":b:2]".repeat(depth)}`, 4);
  expect(texts).toEqual([
    [2, "a"],
    [4, "b"],
  ]);
});

test("megabytes are read in linear time, and refused if they change by step", () => {
  const start = performance.now();
  expect(entries("(".repeat(1_000_000), 4)).toHaveLength(1);
  expect(entries("[a] a cat, ".repeat(1_000_000), 4)).toHaveLength(1);
  expect(() => entries("[a:b:2]".repeat(200_000), 4)).toThrow(/too many characters over all its steps/);
  expect(performance.now() - start).toBeLessThan(30_000);
});
