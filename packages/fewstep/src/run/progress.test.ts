// Progress on a terminal and in a log.
import { expect, test } from "vitest";
import { createProgress, duration } from "./progress.js";

function collect(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } };
}

test("in a log: a line for everything, and no control characters", () => {
  const { written, stream } = collect(false);
  const progress = createProgress(stream, 4);
  progress.stage("loading");
  progress.step({ done: 1, of: 2, title: "seed 7", seconds: 3 });
  progress.step({ done: 2, of: 2, title: "seed 7", seconds: 5 });
  progress.line("a note");
  progress.end();
  expect(written).toEqual([
    "loading\n",
    "seed 7: step 1/2, 3.0 s/step, 9.0 s left\n",
    "seed 7: step 2/2, 4.0 s/step, 8.0 s left\n",
    "a note\n",
  ]);
});

test("on a terminal: one line drawn over itself, notes above it, nothing left", () => {
  const { written, stream } = collect(true);
  const progress = createProgress(stream, 2);
  progress.step({ done: 1, of: 2, title: "seed 7", seconds: 2 });
  progress.line("a note");
  progress.end();
  const clear = "\r\u001b[2K";
  expect(written).toEqual([
    `${clear}seed 7 [##########----------] 1/2 2.0 s/step, 2.0 s left`,
    clear,
    "a note\n",
    clear,
  ]);
});

test.each([
  [0, "0 s"],
  [0.421, "0.42 s"],
  [3.44, "3.4 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [125, "2 min 5 s"],
  [3780, "1 h 3 min"],
])("%f seconds: %s", (seconds, text) => expect(duration(seconds)).toBe(text));
