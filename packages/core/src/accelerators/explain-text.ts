// An explanation as lines for a terminal: two rulers from t = 999 to 0, trained above, the run below, and a table.
import type { Explanation } from "./explain.js";

const largestTimestep = 999;
const label = 8;

/** `width`: columns of the rulers, 20 or more; default 64. Plain ASCII. */
export function explainText({ title, sampler, steps, trained, farthest, mean }: Explanation, width = 64): string {
  const columns = Math.max(20, Math.trunc(width));
  const column = (timestep: number) => Math.round(((largestTimestep - timestep) / largestTimestep) * (columns - 1));
  const ruler = (name: string, timesteps: readonly number[], mark: string) => {
    const marks = new Set(timesteps.map(column));
    return name.padEnd(label) + Array.from({ length: columns }, (_, i) => (marks.has(i) ? mark : "-")).join("");
  };
  const run = steps.map(({ timestep }) => timestep);
  const cells = [
    ["step", "t", "sigma", "trained", "off by"],
    ...steps.map(({ step, timestep, sigma, trained: nearest, distance }) => [
      String(step),
      short(timestep),
      Number.isFinite(sigma) ? sigma.toFixed(4) : "infinite",
      nearest === undefined ? "?" : short(nearest),
      distance === undefined ? "?" : short(distance),
    ]),
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return [
    `${title}, ${sampler}`,
    `${" ".repeat(label)}999${"0".padStart(columns - 3)}`,
    ...(trained.length === 0 ? [] : [ruler("trained", trained, "|")]),
    ruler("run", run, "o"),
    "",
    ...cells.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")),
    ...(farthest === undefined || mean === undefined
      ? ["nobody says at which timesteps it was distilled"]
      : [`farthest from a trained timestep: ${short(farthest)}, on average ${short(mean)}`]),
  ].join("\n");
}

/** At most one digit behind the point. */
function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
