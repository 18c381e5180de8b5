import { describe, expect, it } from "vitest";
import { pairedBootstrap } from "./bootstrap.js";
import type { Configuration, UnitResult } from "./configuration.js";
import { guideAdvice } from "./guide-advice.js";
import { type Goal, recommendRun } from "./recommend-run.js";

type Draft = Partial<Omit<UnitResult, "unit" | "cell">>;

const configuration = (id: string, drafts: readonly Draft[], rest: Partial<Configuration> = {}): Configuration => ({
  id,
  label: id,
  settings: {
    model: "m",
    accelerator: id,
    strength: 1,
    steps: 4,
    cfg: 1,
    sampler: "lcm",
    schedule: "lcm",
    size: "512x512",
  },
  units: drafts.map((draft, i) => ({
    unit: `unit${i}`,
    cell: `${id}${i}`,
    seconds: 1,
    quality: 0.5,
    distance: 0.1,
    adherence: undefined,
    failed: false,
    ...draft,
  })),
  seconds: drafts[0]?.seconds ?? 1,
  peakBytes: 1e9,
  failures: drafts.filter(({ failed }) => failed).length,
  diversity: undefined,
  licence: undefined,
  preset: undefined,
  ...rest,
});
const qualities = (...values: number[]) => values.map((quality) => ({ quality }));

describe("pairedBootstrap", () => {
  it("has the mean, its interval about 1.96 standard errors wide, and pairs units", () => {
    const row = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const { intervals } = pairedBootstrap([row]);
    expect(intervals[0]!.mean).toBe(0.5);
    expect(intervals[0]!.high - intervals[0]!.low).toBeGreaterThan(2 * 1.96 * 0.05 * 0.85);
    expect(intervals[0]!.high - intervals[0]!.low).toBeLessThan(2 * 1.96 * 0.05 * 1.15);
    // a tenth better on every unit: clear in pairs, though the spread over units is five times as large
    const { wins, best } = pairedBootstrap([row, row.map((value) => value + 0.1)]);
    expect([best, wins[1]]).toEqual([1, 1]);
  });

  it("is the same every time, and even between equals", () => {
    const rows = [
      [1, 0, 1, 0, 0, 1],
      [0, 1, 0, 1, 1, 0],
    ];
    expect(pairedBootstrap(rows)).toEqual(pairedBootstrap(rows));
    expect(pairedBootstrap(rows).wins[0]).toBeGreaterThan(0.4);
    expect(pairedBootstrap(rows).wins[0]).toBeLessThan(0.6);
  });
});

describe("recommendRun", () => {
  const better = configuration("better", qualities(0.8, 0.7, 0.9, 0.75, 0.7));
  const worse = configuration("worse", qualities(0.6, 0.55, 0.7, 0.5, 0.6));
  const level = configuration("level", qualities(0.85, 0.65, 0.88, 0.76, 0.69));
  const quality: Goal = { kind: "quality" };

  it("names a winner with its evidence", () => {
    const result = recommendRun([worse, better], quality);
    expect(result).toMatchObject({ verdict: "winner", pick: "better", units: 5, level: [] });
    expect(result.ranking[0]).toMatchObject({
      id: "better",
      wins: 1,
      cells: ["better0", "better1", "better2", "better3", "better4"],
    });
    expect(result.statement).toContain("100 of 100 bootstrap resamples over 5 pairs");
  });

  it("says that there is no clear winner, and who is level", () => {
    const result = recommendRun([better, level, worse], quality);
    expect(result).toMatchObject({ verdict: "no-clear-winner" });
    expect([result.pick, ...result.level].sort()).toEqual(["better", "level"]);
    expect(result.statement).toMatch(/^no clear winner/);
  });

  it("does not conclude from fewer pairs than a sign test needs", () => {
    const few = [configuration("a", qualities(0.9, 0.9, 0.9, 0.9)), configuration("b", qualities(0.1, 0.1, 0.1, 0.1))];
    expect(recommendRun(few, quality)).toMatchObject({ verdict: "no-clear-winner", pick: "a" });
    expect(recommendRun([better], quality).verdict).toBe("no-clear-winner");
  });

  it("looks at time, distance and balance", () => {
    const units = (seconds: number, distance: number, q: number) =>
      [0, 0.01, 0.02].map((more) => ({ seconds: seconds + more, distance: distance + more, quality: q - more }));
    const all = [
      configuration("quick", units(1, 0.3, 0.5)),
      configuration("middle", units(2, 0.2, 0.8)),
      configuration("slow", units(30, 0.1, 0.9)),
    ];
    const pick = (kind: "fastest" | "quality" | "balanced" | "closest") => recommendRun(all, { kind }).pick;
    expect([pick("fastest"), pick("quality"), pick("balanced"), pick("closest")]).toEqual([
      "quick",
      "slow",
      "middle",
      "slow",
    ]);
    expect(recommendRun(all, { kind: "budget", seconds: 3 }).pick).toBe("middle");
    expect(recommendRun(all, { kind: "budget", seconds: 0.1 })).toMatchObject({
      verdict: "not-measured",
      statement: "no configuration keeps to the budget",
    });
    expect(recommendRun(all, { kind: "budget", bytes: 1 }).verdict).toBe("not-measured");
  });

  it("does not call a failing configuration fast, and does not compare what was not measured on all units", () => {
    const failing = configuration("failing", [{ seconds: 0.1, failed: true }, { seconds: 0.1 }, { seconds: 0.1 }]);
    const sound = configuration("sound", [{ seconds: 1 }, { seconds: 1 }, { seconds: 1 }]);
    const partial = configuration("partial", [{ seconds: 0.2 }]);
    const result = recommendRun([failing, sound, partial], { kind: "fastest" });
    expect(result.ranking.map(({ id }) => id)).toEqual(["sound"]);
    expect(recommendRun([], { kind: "fastest" }).statement).toBe("nothing was computed");
    const blind = configuration("blind", [{ quality: undefined as never }]);
    expect(
      recommendRun([{ ...blind, units: blind.units.map((unit) => ({ ...unit, quality: undefined })) }], quality),
    ).toMatchObject({
      verdict: "not-measured",
    });
  });
});

describe("guideAdvice", () => {
  const on = (model: string, accelerator: string, values: readonly number[]) => {
    const one = configuration(`${model} ${accelerator}`, qualities(...values));
    return { ...one, settings: { ...one.settings, model, accelerator } };
  };
  const families = new Map([
    ["a", "sdxl"],
    ["b", "sdxl"],
    ["c", "sd15"],
  ] as const);
  const outcomes = (...all: Configuration[]) => guideAdvice(all, families).map(({ outcome }) => outcome);

  it("agrees, disagrees, or was not tried", () => {
    expect(outcomes()).toEqual(["not-tried", "not-tried", "not-tried", "not-tried"]);
    const turbo = on("a", "turbo", [0.3, 0.2, 0.4, 0.3, 0.2]);
    const hyper = on("a", "hyper-4", [0.8, 0.7, 0.75, 0.8, 0.7]);
    const lightning = on("a", "lightning-4", [0.6, 0.5, 0.6, 0.5, 0.6]);
    expect(outcomes(turbo, hyper, lightning).slice(0, 3)).toEqual(["agrees", "not-tried", "agrees"]);
    expect(outcomes(on("a", "turbo", [0.9, 0.9, 0.9, 0.9, 0.9]), hyper)[0]).toBe("disagrees");
    expect(outcomes(on("a", "hyper-4", [0.1, 0.2, 0.1, 0.2, 0.1]), lightning)[2]).toBe("disagrees");
    expect(outcomes(hyper, on("a", "lightning-4", [0.79, 0.72, 0.74, 0.81, 0.69]))[2]).toBe("undecided");
    expect(outcomes(on("c", "lcm", [0.5, 0.5, 0.5]))[1]).toBe("agrees");
    expect(outcomes(hyper, on("b", "hyper-4", [0.2, 0.1, 0.3, 0.2, 0.1]))[3]).toBe("agrees");
  });
});
