import { describe, expect, it } from "vitest";
import { linearTicks, logarithmicTicks } from "./client/axis.js";

describe("ticks", () => {
  it("are round numbers inside the range", () => {
    expect(linearTicks(0.52, 0.98)).toEqual([0.6, 0.7, 0.8, 0.9]);
    expect(linearTicks(0, 1234)).toEqual([0, 500, 1000]);
    expect(linearTicks(-0.003, 0.003)).toEqual([-0.002, 0, 0.002]);
  });

  it("are 1, 2 and 5 on a logarithmic axis, or its ends", () => {
    expect(logarithmicTicks(0.3, 6)).toEqual([0.5, 1, 2, 5]);
    expect(logarithmicTicks(0.21, 0.4)).toEqual([0.21, 0.4]);
    expect(logarithmicTicks(80, 1000)).toEqual([100, 200, 500, 1000]);
  });
});
