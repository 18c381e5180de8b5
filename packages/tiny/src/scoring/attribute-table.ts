// Rows -> adherence by attribute: which of its words a model draws.
import { ATTRIBUTE_NAMES } from "../illustrator/labels.js";
import { countsOf, type ScoreRow } from "./rows.js";
import { byLine } from "./score-table.js";

/** A line an attribute, a column a method at its steps: percent read as named over all prompts that name it; `-` where none does. */
export function attributeTable(rows: readonly ScoreRow[]): string {
  const lines = byLine(rows);
  const head = ["attribute", "named", ...lines.map(([row]) => `${row!.method} at ${row!.steps}`)];
  const body = ATTRIBUTE_NAMES.map((name, index) => {
    const sums = lines.map((line) => {
      const counts = line.map((row) => countsOf(row, index));
      const sum = (of: "named" | "right") => counts.reduce((total, count) => total + count[of], 0);
      return { named: sum("named"), right: sum("right") };
    });
    const percents = sums.map(({ named, right }) => (named === 0 ? "-" : ((100 * right) / named).toFixed(1)));
    return [name, String(Math.max(0, ...sums.map(({ named }) => named))), ...percents];
  });
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
