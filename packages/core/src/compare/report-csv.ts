// A report's cells as CSV (RFC 4180), one row a cell, for spreadsheets. Texts that a spreadsheet would take for a formula get an apostrophe.
import type { Report, ReportCell } from "./report-data.js";

type Column = readonly [title: string, value: (cell: ReportCell) => string | number | undefined];

const columns: readonly Column[] = [
  ["id", ({ id }) => id],
  ["role", ({ role }) => role],
  ["status", ({ status }) => status],
  ["preset", ({ preset }) => preset && `${preset.name}/${preset.as}`],
  ["model", ({ settings }) => settings.model],
  ["accelerator", ({ settings }) => settings.accelerator],
  ["strength", ({ settings }) => settings.strength],
  ["steps", ({ settings }) => settings.steps],
  ["cfg", ({ settings }) => settings.cfg],
  ["sampler", ({ settings }) => settings.sampler],
  ["schedule", ({ settings }) => settings.schedule],
  ["size", ({ settings }) => settings.size],
  ["prompt", ({ settings }) => settings.prompt],
  ["negative", ({ settings }) => settings.negative],
  ["seed", ({ settings }) => settings.seed],
  ["calls", ({ calls }) => calls],
  ["seconds", ({ seconds }) => seconds],
  ["total_seconds", ({ timings }) => timings?.total],
  ["peak_bytes", ({ peakBytes }) => peakBytes],
  ["quality", ({ quality }) => quality],
  ["failures", ({ failures }) => failures.join(" ")],
  ["findings", ({ findings }) => findings.map(({ code }) => code).join(" ")],
  ["label", ({ label }) => label],
  ["reason", ({ reason }) => reason && `${reason.code}: ${reason.message}`],
];

export function reportCsv({ cells, scores }: Report): string {
  const all: readonly Column[] = [...columns, ...scores.map(({ name }): Column => [name, (cell) => cell.scores[name]])];
  const rows = cells.map((cell) => all.map(([, value]) => field(value(cell))).join(","));
  return `${[all.map(([title]) => title).join(","), ...rows].join("\r\n")}\r\n`;
}

function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
