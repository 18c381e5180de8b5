// What the comparison advises, what the guide advised, and how far both reach.
import type { AdviceOutcome, Report, RunRecommendation } from "@fewstep/core";
import { byId, element } from "./dom.js";
import { score } from "./format.js";

const GOALS: Readonly<Record<RunRecommendation["goal"]["kind"], readonly [title: string, asks: string]>> = {
  balanced: ["Balanced", "quality for its time"],
  quality: ["Quality", "least wrong beside the many-step picture"],
  fastest: ["Fastest", "least time, nothing failed"],
  adherence: ["Adherence", "most of what the prompt asks, as the judge reads it"],
  closest: ["Closest", "most like the many-step picture"],
  budget: ["In the budget", "best quality that keeps to it"],
};
const VERDICTS: Readonly<Record<RunRecommendation["verdict"], string>> = {
  winner: "clear",
  "no-clear-winner": "no clear winner",
  "not-measured": "not measured",
};
const OUTCOMES: Readonly<Record<AdviceOutcome["outcome"], string>> = {
  agrees: "this run agrees",
  disagrees: "this run does not agree",
  undecided: "this run cannot tell",
  "not-tried": "not tried here",
};

export function showSummary(report: Report): void {
  byId("goals").append(...report.recommendations.map((one) => goalCard(report, one)));
  byId("guide").append(
    ...report.advice.map(({ advice, outcome, found }) =>
      element(
        "li",
        {},
        element("q", {}, advice),
        " ",
        element("span", { class: `chip ${outcome}` }, OUTCOMES[outcome]),
        element("p", {}, found),
      ),
    ),
  );
  list("open", report.notTried);
  list("licences", report.licences);
  list("notes", [
    ...report.notes,
    ...report.shared
      .filter(({ alone, shared }) => shared < alone)
      .map(({ what, alone, shared }) => `${what}: ${shared} instead of ${alone}, shared by the cells`),
  ]);
  byId("definitions").append(
    ...report.scores.flatMap(({ title, unit, definition }) => [
      element("dt", {}, unit === "" ? title : `${title} (${unit})`),
      element("dd", {}, definition),
    ]),
  );
}

function goalCard(report: Report, { goal, verdict, pick, statement, ranking, unit }: RunRecommendation): HTMLElement {
  const [title, asks] = GOALS[goal.kind];
  const name = report.configurations.find(({ id }) => id === pick)?.label;
  return element(
    "article",
    { class: `goal ${verdict}` },
    element("header", {}, element("h3", {}, title), element("span", { class: `chip ${verdict}` }, VERDICTS[verdict])),
    element("p", { class: "asks" }, asks),
    name === undefined ? undefined : element("p", { class: "pick" }, name),
    element("p", {}, statement),
    ranking.length < 2
      ? undefined
      : element(
          "details",
          {},
          element("summary", {}, "Evidence"),
          element(
            "p",
            {},
            `${unit}; mean and 95 % interval of a paired bootstrap, and how often it was the best of all`,
          ),
          element(
            "ol",
            {},
            ...ranking.map(({ label, mean, low, high, wins, cells }) =>
              element(
                "li",
                {},
                `${label}: ${shown(mean)} (${shown(low)} to ${shown(high)}), best in ${Math.round(wins * 100)} %, ${cells.length} cells`,
              ),
            ),
          ),
        ),
  );

  /** Lower is better is ranked with its sign turned. */
  function shown(value: number): string {
    return score(goal.kind === "fastest" || goal.kind === "closest" ? -value : value);
  }
}

function list(id: string, lines: readonly string[]): void {
  const place = byId(id);
  place.append(...lines.map((line) => element("li", {}, line)));
  place.closest("section, div")!.toggleAttribute("hidden", lines.length === 0);
}
