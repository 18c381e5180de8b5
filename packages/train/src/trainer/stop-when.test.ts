import { describe, expect, it } from "vitest";
import { stopWhen } from "./stop-when.js";

const line = (metrics: Readonly<Record<string, number>>) => ({ iteration: 1, seconds: 1, metrics });

describe("early stop", () => {
  it("waits for the mean of a whole window, on the side that was asked for", () => {
    const above = stopWhen({ metric: "psnr", side: "above", value: 20 }, 3);
    // means of three: 17.3, 20, 21.7
    expect([30, 2, 20, 38, 7].map((psnr) => above(line({ loss: 1, psnr })))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    const below = stopWhen({ metric: "loss", side: "below", value: 0.5 }, 2);
    expect([0.1, 1, 0.2, 0.1].map((loss) => below(line({ loss })))).toEqual([false, false, false, true]);
  });
  it("names the metrics that there are", () => {
    const stop = stopWhen({ metric: "psrn", side: "above", value: 20 });
    expect(() => stop(line({ loss: 1, psnr: 2 }))).toThrowError(
      expect.objectContaining({ code: "unknown-metric", expected: "one of loss, psnr" }),
    );
  });
});
