// When a long job says how far it is.
import { expect, test } from "vitest";
import { createCountProgress } from "./count-progress.js";

function shown(isTTY: boolean, calls: readonly (readonly [milliseconds: number, done: number])[]): readonly string[] {
  const lines: string[] = [];
  let time = 0;
  const stream = { isTTY, write: (text: string) => lines.push(text) };
  const progress = createCountProgress(stream, "baking", () => time);
  for (const [milliseconds, done] of calls) {
    time = milliseconds;
    progress.at(done, 100);
  }
  return lines;
}

test("says nothing in the first second, nothing at the end, and in files a line for each tenth", () => {
  expect(
    shown(false, [
      [500, 50],
      [900, 100],
    ]),
  ).toEqual([]);
  expect(
    shown(false, [
      [2000, 20],
      [4000, 21],
      [5000, 50],
      [9000, 100],
    ]),
  ).toEqual(["baking: 20 %, 8.0 s left\n", "baking: 50 %, 5.0 s left\n"]);
});

test("draws over itself on a terminal, once a second", () => {
  expect(
    shown(true, [
      [1000, 10],
      [1500, 15],
      [2100, 21],
    ]),
  ).toEqual(["\r\u001b[2Kbaking: 10 %, 9.0 s left", "\r\u001b[2Kbaking: 21 %, 7.9 s left"]);
});
