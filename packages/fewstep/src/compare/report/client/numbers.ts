// The configurations as a table that can be sorted by any column: what the charts show, in text.
import type { Configuration, Report } from "@fewstep/core";
import { byId, element } from "./dom.js";
import { bytes, score, seconds } from "./format.js";
import { numberOf } from "./selection.js";

interface Column {
  readonly title: string;
  readonly hint: string;
  readonly value: (configuration: Configuration) => number | string | undefined;
  readonly shown: (value: number) => string;
}

export function showNumbers(report: Report): void {
  const columns = columnsOf(report);
  const body = element("tbody");
  const draw = (at: number, falling: boolean) => {
    const { value } = columns[at]!;
    const rows = [...report.configurations].sort((a, b) => order(value(a), value(b)) * (falling ? -1 : 1));
    body.replaceChildren(...rows.map((row) => rowOf(columns, row)));
  };
  const heads = columns.map(({ title, hint }, at) => {
    const head = element("th", { scope: "col", title: hint });
    const press = element("button", { type: "button" }, title);
    press.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      draw(at, falling);
    });
    head.append(press);
    return head;
  });
  byId("numbers-table").append(element("thead", {}, element("tr", {}, ...heads)), body);
  body.append(...report.configurations.map((row) => rowOf(columns, row)));
  byId("numbers").hidden = report.configurations.length === 0;
}

function columnsOf({ cells, scores }: Report): readonly Column[] {
  const mean = (id: string, key: string): number | undefined => {
    const values = cells
      .filter((cell) => cell.role === "candidate" && cell.config === id)
      .flatMap((cell) => numberOf(cell, key) ?? []);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return [
    { title: "Configuration", hint: "", value: ({ label }) => label, shown: String },
    { title: "Pictures", hint: "prompts times seeds", value: ({ units }) => units.length, shown: String },
    { title: "Failed", hint: "", value: ({ failures }) => failures, shown: String },
    { title: "Time", hint: "median seconds a picture", value: (one) => one.seconds, shown: seconds },
    { title: "Memory", hint: "peak of the computing process", value: ({ peakBytes }) => peakBytes, shown: bytes },
    {
      title: "Quality",
      hint: "how little is wrong beside the reference, 0 to 1",
      value: ({ id }) => mean(id, "quality"),
      shown: score,
    },
    {
      title: "Diversity",
      hint: "mean CIELAB distance of the pictures of different seeds, at 16 x 16",
      value: ({ diversity }) => diversity,
      shown: score,
    },
    ...scores.map(({ name, title, definition }) => ({
      title,
      hint: definition,
      value: ({ id }: Configuration) => mean(id, name),
      shown: score,
    })),
  ];
}

function rowOf(columns: readonly Column[], configuration: Configuration): HTMLTableRowElement {
  return element(
    "tr",
    {},
    ...columns.map(({ value, shown }, at) => {
      const own = value(configuration);
      const text = typeof own === "number" ? shown(own) : (own ?? "–");
      return at === 0 ? element("th", { scope: "row" }, text) : element("td", {}, text);
    }),
  );
}

function order(a: number | string | undefined, b: number | string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -1 : a > b ? 1 : 0;
}
