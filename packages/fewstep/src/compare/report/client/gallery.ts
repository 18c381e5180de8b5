// The pictures as cards, page by page, with filters and an order above them.
import type { Report, ReportCell } from "@fewstep/core";
import { button, byId, choice, element } from "./dom.js";
import { plural, score, seconds } from "./format.js";
import { cellAlt, cellTitle } from "./labels.js";
import { pictureUrl } from "./pictures.js";
import { EVERYTHING, FILTERS, numberOf, type Selection, selected, valuesOf } from "./selection.js";

const PAGE = 48;
const TITLES: Readonly<Record<(typeof FILTERS)[number], string>> = {
  model: "Model",
  accelerator: "Accelerator",
  steps: "Steps",
  prompt: "Prompt",
  seed: "Seed",
};

/** @param open shows a cell at large; the list is what its neighbours are */
export function showGallery(report: Report, open: (cell: ReportCell, among: readonly ReportCell[]) => void): void {
  let selection: Selection = EVERYTHING;
  let page = 0;
  const list = byId("gallery");
  const draw = () => {
    const cells = selected(report.cells, selection, report.scores);
    const pages = Math.max(1, Math.ceil(cells.length / PAGE));
    page = Math.min(page, pages - 1);
    const shown = cells.slice(page * PAGE, (page + 1) * PAGE);
    list.replaceChildren(...shown.map((cell) => card(cell, selection.sort, () => open(cell, cells))));
    byId("count").textContent = `${plural(cells.length, "cell")} of ${report.cells.length}`;
    byId("pages").replaceChildren(...(pages === 1 ? [] : pager(page, pages, go)));
  };
  const go = (to: number) => {
    page = to;
    draw();
    byId("pictures").scrollIntoView();
  };
  const change = (changes: Partial<Selection>) => {
    selection = { ...selection, ...changes };
    page = 0;
    draw();
  };
  byId("controls").append(...controls(report, change));
  draw();
}

function controls(report: Report, change: (changes: Partial<Selection>) => void): readonly HTMLElement[] {
  const search = element("input", { type: "search", placeholder: "words in the settings" });
  search.addEventListener("input", () => change({ text: search.value }));
  const filters = FILTERS.flatMap((key) => {
    const values = valuesOf(report.cells, key);
    const shown = (value: string, i: number) => (value.length > 60 ? `${i + 1}: ${value.slice(0, 55)}…` : value);
    const options = [["", "any"], ...values.map((value, i) => [value, shown(value, i)] as const)] as const;
    return values.length < 2 ? [] : [choice(TITLES[key], options, (value) => change({ [key]: value }))];
  });
  const orders = [
    ["grid", "as in the grid"],
    ["unit", "prompt and seed together"],
    ["seconds", "time, shortest first"],
    ["quality", "quality, best first"],
    ...report.scores.map(
      ({ name, title, better }) => [name, `${title}, ${better === "higher" ? "highest" : "lowest"} first`] as const,
    ),
  ] as const;
  const shows = [
    ["all", "everything"],
    ["pictures", "pictures"],
    ["problems", "findings and failures"],
  ] as const;
  return [
    element("label", { class: "wide" }, element("span", {}, "Search"), search),
    ...filters,
    choice("Show", shows, (value) => change({ show: value as Selection["show"] })),
    choice("Order", orders, (value) => change({ sort: value })),
  ];
}

function card(cell: ReportCell, sort: string, open: () => void): HTMLElement {
  const { settings, status, failures, findings } = cell;
  const title = cellTitle(cell);
  const url = status === "done" ? pictureUrl(cell.id) : undefined;
  const face =
    url === undefined
      ? element(
          "span",
          { class: `blank ${status}` },
          element("strong", {}, BLANK[status]),
          element("span", {}, cell.reason?.message ?? ""),
        )
      : element("img", { src: url, alt: cellAlt(cell), width: cell.size?.width, height: cell.size?.height });
  const opener = element(
    "button",
    { type: "button", class: "face", "aria-label": `Look at ${title}, seed ${settings.seed}` },
    face,
  );
  opener.addEventListener("click", open);
  const value = ["grid", "unit", "seconds"].includes(sort) ? undefined : numberOf(cell, sort);
  const worst = findings[0]?.severity;
  return element(
    "li",
    { class: `card ${cell.role}` },
    opener,
    element("h3", {}, title),
    element("p", { class: "prompt", title: settings.prompt }, `seed ${settings.seed} · ${settings.prompt}`),
    element(
      "p",
      { class: "chips" },
      cell.seconds === undefined ? undefined : element("span", { class: "chip" }, seconds(cell.seconds)),
      value === undefined ? undefined : element("span", { class: "chip value" }, score(value)),
      value !== undefined || cell.quality === undefined
        ? undefined
        : element(
            "span",
            { class: "chip", title: "quality beside the many-step picture, 0 to 1" },
            `q ${score(cell.quality)}`,
          ),
      ...failures.map((failure) => element("span", { class: "chip error" }, failure)),
      worst === undefined
        ? undefined
        : element(
            "span",
            { class: `chip ${worst}`, title: findings.map(({ reason }) => reason).join("\n") },
            plural(findings.length, "finding"),
          ),
    ),
  );
}

const BLANK: Readonly<Record<ReportCell["status"], string>> = {
  done: "Picture not in this file",
  failed: "Failed",
  empty: "Empty",
  pending: "Not computed yet",
};

function pager(page: number, pages: number, go: (to: number) => void): readonly HTMLElement[] {
  const back = button("Earlier", { disabled: page === 0 }, () => go(page - 1));
  const on = button("Later", { disabled: page === pages - 1 }, () => go(page + 1));
  return [back, element("span", {}, `page ${page + 1} of ${pages}`), on];
}
