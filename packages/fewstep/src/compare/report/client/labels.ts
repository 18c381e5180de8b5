// What a cell is called on the page and to a screen reader.
import type { ReportCell } from "@fewstep/core";

export function cellTitle({ label, role }: ReportCell): string {
  return role === "reference" ? label.replace("reference", "Reference") : label;
}

/** The alternative text of a picture: how it was made, since nobody has looked at it. */
export function cellAlt(cell: ReportCell): string {
  const { prompt, seed, sampler, cfg } = cell.settings;
  return `Picture for “${prompt}”, seed ${seed}, by ${cellTitle(cell)}, ${sampler}, CFG ${cfg}`;
}
