import { describe, expect, it } from "vitest";
import { chartSvg, parseLog } from "./chart.js";

const line = (iteration: number, loss: number) => JSON.stringify({ iteration, seconds: 1, metrics: { loss } });

describe("a training's log", () => {
  it("is read once an iteration, the newer line where a resumed run wrote it again", () => {
    const log = parseLog([line(1, 5), line(2, 4), line(2, 3), line(3, 2)].join("\n"));
    expect(log.map(({ iteration, metrics }) => [iteration, metrics.loss])).toEqual([
      [1, 5],
      [2, 3],
      [3, 2],
    ]);
  });
  it("may end in the middle of a line, but not be something else", () => {
    expect(parseLog(`${line(1, 5)}\n{"iterat`).length).toBe(1);
    for (const text of ["", "hello", `nonsense\n${line(1, 5)}`, '{"iteration":"1","metrics":{}}', "null"])
      expect(() => parseLog(text)).toThrowError(expect.objectContaining({ code: "bad-training-log" }));
  });
});

describe("its chart", () => {
  it("goes down where the loss does, and holds its numbers", () => {
    const svg = chartSvg(
      parseLog(Array.from({ length: 2000 }, (_, i) => line(i + 1, 10 - i / 500)).join("\n")),
      "a <b>",
    );
    expect(svg).toContain("a &lt;b&gt;");
    const thick = /stroke-width="2" points="([^"]+)"/
      .exec(svg)![1]!
      .split(" ")
      .map((point) => point.split(",").map(Number));
    expect(thick.length).toBeGreaterThan(500);
    expect(thick.length).toBeLessThanOrEqual(800);
    // SVG's y grows downwards
    expect(thick.at(-1)![1]!).toBeGreaterThan(thick[0]![1]! + 100);
    expect(svg).toContain(">2000</text>");
    expect(svg).not.toContain("NaN");
  });
  it("bears a single line", () => {
    expect(chartSvg(parseLog(line(7, 1)), "one")).not.toContain("NaN");
  });
});
