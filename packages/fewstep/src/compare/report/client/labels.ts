// What a cell is called on the page and to a screen reader.
import type { Report, ReportCell } from "@fewstep/core";
import { plural } from "./format.js";

/** A configuration's name where the cell has one; references and empty cells by their settings. */
export function cellTitle({ configurations }: Report, cell: ReportCell): string {
  const { settings, role, config, preset } = cell;
  if (role === "reference") return `Reference: ${settings.model}, ${plural(settings.steps, "step")}`;
  const known = configurations.find(({ id }) => id === config);
  if (known !== undefined) return known.label;
  const guide =
    preset === undefined ? [] : [`${preset.name} as ${preset.as === "guide" ? "the guide" : "its publisher"}`];
  return [...guide, settings.accelerator, ...(settings.steps === 0 ? [] : [plural(settings.steps, "step")])].join(", ");
}

/** The alternative text of a picture: how it was made, since nobody has looked at it. */
export function cellAlt(report: Report, cell: ReportCell): string {
  const { prompt, seed, sampler, cfg } = cell.settings;
  return `Picture for “${prompt}”, seed ${seed}, by ${cellTitle(report, cell)}, ${sampler}, CFG ${cfg}`;
}
