// Rows -> the table of the model card: adherence on seen and held-out prompts, distance to drawn pictures, diversity over seeds, sharpness and
// seconds, with intervals by prompt.
import { bootstrap, type Interval } from "./bootstrap.js";
import { distanceOf, influencesOf } from "./kernel-distance.js";
import { countsOf, type ScoreRow } from "./rows.js";

export interface ScoreLine {
  readonly method: string;
  readonly steps: number;
  readonly calls: number;
  readonly pictures: number;
  readonly seen: Interval | undefined;
  readonly heldOut: Interval | undefined;
  /** Adherence to another prompt: what a judge that only guesses the usual would give. */
  readonly shuffled: Interval;
  readonly distance: Interval;
  readonly diversity: number;
  readonly sharpness: Interval;
  readonly seconds: number;
}

type Counts = ReturnType<typeof countsOf>;

const part = (units: readonly (readonly Counts[])[]): number => {
  const rows = units.flat();
  return (
    rows.reduce((sum, { right }) => sum + right, 0) /
    Math.max(
      1,
      rows.reduce((sum, { named }) => sum + named, 0),
    )
  );
};

function byPrompt<T extends ScoreRow>(rows: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<number, T[]>();
  for (const row of rows) groups.set(row.prompt, [...(groups.get(row.prompt) ?? []), row]);
  return [...groups.values()];
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Rows of one method at one number of steps go together. */
export function byLine(rows: readonly ScoreRow[]): readonly (readonly ScoreRow[])[] {
  const groups = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const key = `${row.method}\n${row.steps}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function scoreLines(rows: readonly ScoreRow[]): readonly ScoreLine[] {
  return byLine(rows).map((group) => {
    const { method, steps, calls } = group[0]!;
    const of = (split: ScoreRow["split"]) => {
      const units = byPrompt(group.filter((row) => row.split === split));
      return units.length === 0
        ? undefined
        : bootstrap(
            units.map((unit) => unit.map((row) => countsOf(row))),
            part,
          );
    };
    const others = byPrompt(group).map((unit) =>
      unit.map(({ shuffledNamed: named, shuffledRight: right }) => ({ named, right })),
    );
    return {
      method,
      steps,
      calls,
      pictures: group.length,
      seen: of("seen"),
      heldOut: of("held-out"),
      shuffled: bootstrap(others, part),
      distance: distanceInterval(group),
      diversity: mean(group.map(({ spread }) => spread)),
      sharpness: bootstrap(byPrompt(group), (units) => mean(units.flat().map(({ sharpness }) => sharpness))),
      seconds: mean(group.map(({ seconds }) => seconds)),
    };
  });
}

/** The distance, and how its pictures' influences vary over resampled prompts. */
function distanceInterval(group: readonly ScoreRow[]): Interval {
  const influences = influencesOf(group);
  const units = byPrompt(group.map((row, i) => ({ ...row, influence: influences[i]! })));
  const value = distanceOf(group);
  const moved = bootstrap(units, (some) => mean(some.flat().map(({ influence }) => influence)));
  return { value, low: value + moved.low, high: value + moved.high };
}

const percent = (interval: Interval | undefined): string =>
  interval === undefined
    ? "-"
    : `${(100 * interval.value).toFixed(1)} (${(100 * interval.low).toFixed(1)}-${(100 * interval.high).toFixed(1)})`;

/** Three digits, or all before the point. */
const short = (value: number): string => (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3));

const digits = ({ value, low, high }: Interval, between: string): string =>
  `${short(value)} (${short(low)}${between}${short(high)})`;

export function scoreTable(lines: readonly ScoreLine[]): string {
  const head = [
    "method",
    "steps",
    "calls",
    "pictures",
    "seen %",
    "held-out %",
    "shuffled %",
    "distance",
    "diversity",
    "sharpness",
    "s",
  ];
  const body = lines.map((line) => [
    line.method,
    String(line.steps),
    String(line.calls),
    String(line.pictures),
    percent(line.seen),
    percent(line.heldOut),
    percent(line.shuffled),
    digits(line.distance, " to "),
    line.diversity.toPrecision(3),
    digits(line.sharpness, "-"),
    line.seconds.toFixed(2),
  ]);
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
