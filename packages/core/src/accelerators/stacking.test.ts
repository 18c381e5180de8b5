import { describe, expect, it } from "vitest";
import { adviseStacking, type StackedAdapter } from "./stacking.js";

const adapter = (
  name: string,
  accelerator: boolean,
  strength: number,
  deltas: Readonly<Record<string, number>>,
): StackedAdapter => ({
  name,
  accelerator,
  strength,
  blocks: Object.entries(deltas).map(([block, delta]) => ({ block, delta, base: 10 })),
});
const lcm = adapter("lcm", true, 1, { mid_block: 2, "up_blocks.0": 1 });

describe("adviseStacking", () => {
  it("leaves a light style alone", () => {
    const { overloaded, strengths, lines, blocks } = adviseStacking([
      adapter("style", false, 0.8, { mid_block: 2 }),
      lcm,
    ]);
    expect([overloaded, lines]).toEqual([[], []]);
    expect(Object.fromEntries(strengths)).toEqual({ style: 0.8, lcm: 1 });
    expect(blocks[0]).toEqual({ block: "mid_block", ratio: 0.8, relative: Math.hypot(1.6, 2) / 10 });
  });

  it("warns of the worst block and lowers the styles alike, so that no block is over the limit", () => {
    const styles = [
      adapter("a", false, 1, { mid_block: 6, "up_blocks.0": 8 }),
      adapter("b", false, -0.5, { "up_blocks.0": 12 }),
    ];
    const before = adviseStacking([...styles, lcm]);
    // in up_blocks.0 |a| = 8 and |b| = 6 make 10, 10 times the accelerator's 1, where 2 are allowed
    expect(before.overloaded).toEqual(["mid_block", "up_blocks.0"]);
    expect(Object.fromEntries(before.strengths)).toEqual({ a: 0.2, b: -0.1, lcm: 1 });
    expect(before.lines[0]).toContain("10.0 times what the accelerator adds (up_blocks.0; 2 blocks over the limit)");
    const after = [...styles, lcm].map((one) => ({ ...one, strength: before.strengths.get(one.name)! }));
    expect(adviseStacking(after).overloaded).toEqual([]);
  });

  it("judges nothing where there is no accelerator, and no block where it does nothing", () => {
    const style = adapter("style", false, 1, { "down_blocks.0": 50 });
    expect(adviseStacking([style]).overloaded).toEqual([]);
    const { overloaded, blocks } = adviseStacking([style, lcm]);
    expect(overloaded).toEqual([]);
    expect(blocks.find(({ block }) => block === "down_blocks.0")?.ratio).toBe(Infinity);
  });

  it("takes another limit", () => {
    const style = adapter("style", false, 1, { mid_block: 3 });
    expect(adviseStacking([style, lcm], { ratio: 1 }).overloaded).toEqual(["mid_block"]);
    expect(adviseStacking([style, lcm], { ratio: 1.5 }).overloaded).toEqual([]);
  });
});
