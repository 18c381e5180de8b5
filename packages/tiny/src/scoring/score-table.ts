// Rows -> the table of the model card: adherence on seen and held-out prompts, sharpness and seconds, with intervals by prompt.
import { bootstrap, type Interval } from "./bootstrap.js";
import type { ScoreRow } from "./rows.js";

export interface ScoreLine {
  readonly method: string;
  readonly steps: number;
  readonly calls: number;
  readonly pictures: number;
  readonly seen: Interval | undefined;
  readonly heldOut: Interval | undefined;
  /** Adherence to another prompt: what a judge that only guesses the usual would give. */
  readonly shuffled: Interval;
  readonly sharpness: Interval;
  readonly seconds: number;
}

type Counts = Pick<ScoreRow, "named" | "right">;

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

export function scoreLines(rows: readonly ScoreRow[]): readonly ScoreLine[] {
  const groups = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const key = `${row.method}\n${row.steps}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => {
    const { method, steps, calls } = group[0]!;
    const of = (split: ScoreRow["split"]) => {
      const units = byPrompt(group.filter((row) => row.split === split));
      return units.length === 0 ? undefined : bootstrap(units, part);
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
      sharpness: bootstrap(byPrompt(group), (units) => mean(units.flat().map(({ sharpness }) => sharpness))),
      seconds: mean(group.map(({ seconds }) => seconds)),
    };
  });
}

const percent = (interval: Interval | undefined): string =>
  interval === undefined
    ? "-"
    : `${(100 * interval.value).toFixed(1)} (${(100 * interval.low).toFixed(1)}-${(100 * interval.high).toFixed(1)})`;

export function scoreTable(lines: readonly ScoreLine[]): string {
  const head = ["method", "steps", "calls", "pictures", "seen %", "held-out %", "shuffled %", "sharpness", "s"];
  const body = lines.map((line) => [
    line.method,
    String(line.steps),
    String(line.calls),
    String(line.pictures),
    percent(line.seen),
    percent(line.heldOut),
    percent(line.shuffled),
    `${line.sharpness.value.toPrecision(3)} (${line.sharpness.low.toPrecision(3)}-${line.sharpness.high.toPrecision(3)})`,
    line.seconds.toFixed(2),
  ]);
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
