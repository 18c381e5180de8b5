// Everything about one cell, beside its picture: settings in three tools' words to copy, a workflow to download, scores, time, findings.
import type { Report, ReportCell } from "@fewstep/core";
import { button, element } from "./dom.js";
import { bytes, score, seconds } from "./format.js";

export function showDetails(place: HTMLElement, report: Report, cell: ReportCell): void {
  place.replaceChildren(...findings(cell), element("h3", {}, "Numbers"), numbers(report, cell), ...words(cell));
}

function findings({ findings: all, reason, failures }: ReportCell): readonly HTMLElement[] {
  const trouble =
    reason === undefined
      ? []
      : [
          element(
            "p",
            { class: "finding error" },
            element("strong", {}, reason.message),
            reason.hint === undefined ? "" : ` ${reason.hint}`,
          ),
        ];
  const failed = failures.map((failure) => element("p", { class: "finding error" }, element("strong", {}, failure)));
  const lines = all.map(({ severity, reason: why, fix, source }) =>
    element(
      "p",
      { class: `finding ${severity}`, title: source },
      element("strong", {}, `${severity}: `),
      why,
      " ",
      element("em", {}, fix),
    ),
  );
  const whole = [...trouble, ...failed, ...lines];
  return whole.length === 0 ? [] : [element("h3", {}, "Findings"), ...whole];
}

function numbers(report: Report, cell: ReportCell): HTMLElement {
  const beside = report.cells.find(({ id }) => id === cell.reference);
  const row = (name: string, own: string, other = "", hint = "") =>
    element(
      "tr",
      {},
      element("th", { scope: "row", title: hint }, name),
      element("td", {}, own),
      element("td", {}, other),
    );
  const { timings } = cell;
  return element(
    "table",
    { class: "figures" },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        ...["", "this", beside === undefined ? "" : "reference"].map((text) => element("th", { scope: "col" }, text)),
      ),
    ),
    element(
      "tbody",
      {},
      row(
        "Time a picture",
        seconds(cell.seconds),
        seconds(beside?.seconds),
        "median step times steps, and the decoder",
      ),
      row("Steps", timings === undefined ? "–" : timings.steps.map((one) => seconds(one)).join(" · ")),
      row("Decoder", seconds(timings?.decode), seconds(beside?.timings?.decode)),
      row(
        "Loading",
        seconds(timings?.loading),
        seconds(beside?.timings?.loading),
        "0 where earlier cells had loaded the networks",
      ),
      row("Network calls", String(cell.calls), beside === undefined ? "" : String(beside.calls)),
      row("Peak memory", bytes(cell.peakBytes), bytes(beside?.peakBytes)),
      row("Quality", score(cell.quality), "", "how little is wrong beside the reference, 0 to 1"),
      ...report.scores.map(({ name, title, unit, definition }) =>
        row(
          unit === "" ? title : `${title} (${unit})`,
          score(cell.scores[name]),
          beside === undefined ? "" : score(beside.scores[name]),
          definition,
        ),
      ),
    ),
  );
}

function words({ words: said, id }: ReportCell): readonly HTMLElement[] {
  if (said === undefined) return [];
  const tools = [
    ["fewstep", said.fewstep],
    ["A1111", said.a1111],
    ["ComfyUI", said.comfyui],
  ] as const;
  const { workflow } = said;
  return [
    element("h3", {}, "Settings"),
    ...tools.map(([tool, text]) =>
      element(
        "details",
        { open: tool === "fewstep" },
        element("summary", {}, `In ${tool}'s words`),
        element("pre", {}, text),
        copier(tool, text),
      ),
    ),
    ...(workflow === undefined
      ? []
      : [button("Download the ComfyUI workflow", {}, () => download(`fewstep-${id}.json`, workflow))]),
    ...said.notes.map((note) => element("p", { class: "finding note" }, note)),
  ];
}

function copier(tool: string, text: string): HTMLButtonElement {
  const made = button("Copy", { "aria-label": `Copy ${tool}'s words` }, () => {
    void copied(text).then((done) => {
      made.textContent = done ? "Copied" : "Select and copy by hand";
      setTimeout(() => {
        made.textContent = "Copy";
      }, 2000);
    });
  });
  return made;
}

/** Pages opened from a disk may not write the clipboard everywhere: then by a selection. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { class: "offscreen" });
    area.value = text;
    // inside the open dialog: nothing outside it can be selected
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
