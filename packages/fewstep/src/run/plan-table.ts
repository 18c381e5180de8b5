// A plan as text: what holds for the whole run, then a row for each step.
import { type GeneratePlan, type SamplingRow, sigmaValue } from "@fewstep/core";

type Column = readonly [title: string, cell: (row: SamplingRow, index: number) => string];

const COLUMNS: readonly Column[] = [
  ["step", (_, index) => String(index + 1)],
  ["timestep", ({ timestep }) => short(timestep)],
  ["sigma", ({ sigma }) => short(sigmaValue(sigma))],
  ["next", ({ sigmaNext }) => short(sigmaNext)],
  ["down", ({ sigmaDown }) => short(sigmaDown)],
  ["up", ({ sigmaUp }) => short(sigmaUp)],
  ["rescale", ({ rescale }) => short(rescale)],
  ["guidance", ({ guidance }) => short(guidance)],
  ["middle", ({ middle }) => (middle === undefined ? "" : short(sigmaValue(middle.sigma)))],
  ["order", ({ order }) => (order === undefined ? "" : String(order))],
];

export function planTable(plan: GeneratePlan): string {
  const { rows, sampler, prediction, start, noise } = plan.sampling;
  const filled = COLUMNS.map(([title, cell]) => [title, ...rows.map(cell)]).filter(([, ...cells]) =>
    cells.some((cell) => cell !== ""),
  );
  const widths = filled.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const lines = [...rows.keys(), rows.length].map((line) =>
    filled.map((cells, i) => cells[line]!.padStart(widths[i]!)).join("  "),
  );
  const settings = Object.entries(sampler).flatMap(([key, value]) =>
    key === "name" ? [] : [`${key} ${typeof value === "object" ? JSON.stringify(value) : value}`],
  );
  return [
    `${plan.width}x${plan.height}, seed ${noise.seeds.join(", ")}`,
    `sampler ${[sampler.name, ...settings].join(", ")}; schedule ${plan.schedule ?? "as listed"}; predicts ${prediction.type}`,
    `starts with noise times ${short(start.noise)} (${start.rule})`,
    ...(plan.embeddedGuidance === undefined ? [] : [`guidance ${plan.embeddedGuidance} as an input of the UNet`]),
    "",
    ...lines,
  ].join("\n");
}

/** Six digits that count; plain zeros and whole numbers stay as they are. */
function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
