import { expect, test } from "vitest";
import { CLIP_SHAPE, closeChunk } from "./chunk.js";
import { interpolateRows, mixStates, scaleRows, scaleRowsKeepMean, weightStates } from "./weighting.js";
import { windowStates } from "./window-states.js";

const states = Float32Array.of(1, 2, 3, 4);
const empty = Float32Array.of(1, 1, 1, 1);

test("each weighting on two rows of two, by hand", () => {
  expect([...scaleRows(states, [1, 2])]).toEqual([1, 2, 6, 8]);
  // mean 2.5 before, 4.25 after
  expect([...scaleRowsKeepMean(Float64Array.from(states), [1, 2])]).toEqual([1, 2, 6, 8].map((x) => x * (2.5 / 4.25)));
  expect([...interpolateRows(states, [0.5, 2], empty)]).toEqual([1, 1.5, 5, 7]);
  expect([
    ...mixStates([
      { states, share: 0.5 },
      { states: empty, share: -1 },
    ]),
  ]).toEqual([-0.5, 0, 0.5, 1]);
});

test("weights of 1 leave the very same states, and ask for no empty prompt", () => {
  const never = (): never => {
    throw new Error("asked");
  };
  for (const weighting of ["none", "a1111", "a1111-no-norm", "interpolate"] as const)
    expect(weightStates(weighting, states, [1, 1], never)).toBe(states);
  expect(weightStates("none", states, [1, 2], never)).toBe(states);
});

test("the input is not changed; the kind of array is kept", () => {
  expect(scaleRows(states, [3, 3])).toBeInstanceOf(Float32Array);
  expect([...states]).toEqual([1, 2, 3, 4]);
});

test("weights that leave no mean are refused, not NaN", () => {
  expect(() => scaleRowsKeepMean(states, [0, 0])).toThrow(/cancel/);
  expect(() => scaleRows(states, [1, 2, 3])).toThrow(RangeError);
});

test("a window of one plain encoding is its states; of two, their weighted states times their shares", () => {
  const shape = { ...CLIP_SHAPE, length: 2 };
  const encoding = { ...closeChunk([], shape), masked: [] };
  expect(windowStates([{ ...encoding, share: 1 }], "a1111", [states], () => empty)).toBe(states);
  const window = [
    { ...encoding, weights: [1, 2], share: 0.5 },
    { ...encoding, share: 2 },
  ];
  expect([...windowStates(window, "interpolate", [states, empty], () => empty)]).toEqual([2.5, 3, 4.5, 5.5]);
  expect(() => windowStates(window, "none", [states], () => empty)).toThrow(RangeError);
});
