// What the comparison advises, what the guide advised, and how far both reach.
import type { AdviceOutcome, Report, RunRecommendation } from "@fewstep/core";
import { byId, element } from "./dom.js";
import { plural, score } from "./format.js";

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
const LOWER_IS_BETTER: ReadonlySet<RunRecommendation["goal"]["kind"]> = new Set(["fastest", "closest"]);
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

function goalCard(report: Report, recommendation: RunRecommendation): HTMLElement {
  const { goal, verdict, pick, statement, ranking, unit } = recommendation;
  const [title, asks] = GOALS[goal.kind];
  const name = report.configurations.find(({ id }) => id === pick)?.label;
  const [first] = ranking;
  const value = (mean: number) => score(LOWER_IS_BETTER.has(goal.kind) ? -mean : mean);
  return element(
    "article",
    { class: `goal ${verdict}` },
    element("header", {}, element("h3", {}, title), element("span", { class: `chip ${verdict}` }, VERDICTS[verdict])),
    element("p", { class: "asks" }, asks),
    ...(name === undefined || first === undefined
      ? [element("p", {}, statement)]
      : [
          element("p", { class: "pick" }, name),
          element("p", { class: "value" }, element("strong", {}, value(first.mean)), ` ${unit}`),
          ...confidence(recommendation, value),
        ]),
    ranking.length < 2
      ? undefined
      : element(
          "details",
          {},
          element("summary", {}, "Evidence"),
          element("p", {}, statement),
          intervals(recommendation, value),
        ),
  );
}

/** How sure it is, and what is as good. */
function confidence(
  { level, ranking, units, verdict }: RunRecommendation,
  value: (mean: number) => string,
): readonly HTMLElement[] {
  const [first, second] = ranking;
  const pairs = `${units} ${units === 1 ? "pair" : "pairs"} of prompt and seed`;
  if (second === undefined) return [element("p", {}, `the only one measured, over ${pairs}`)];
  const sure = element("p", {}, `best in ${Math.round(first!.wins * 100)} of 100 resamples of ${pairs}`);
  if (verdict === "winner") return [sure, element("p", {}, `next: ${second.label} with ${value(second.mean)}`)];
  if (level.length === 0) return [sure, element("p", {}, "too few pairs to name a winner")];
  const names = ranking.filter(({ id }) => level.includes(id));
  return [
    sure,
    element("p", { class: "level" }, "Level with it:"),
    element("ul", {}, ...names.map(({ label, mean }) => element("li", {}, `${label}: ${value(mean)}`))),
  ];
}

/** Means and intervals of 95 percent on one scale, best first. */
function intervals({ ranking }: RunRecommendation, value: (mean: number) => string): HTMLElement {
  const least = Math.min(...ranking.map(({ low }) => low));
  const range = Math.max(...ranking.map(({ high }) => high)) - least || 1;
  const at = (number: number) => `${((number - least) / range) * 100}%`;
  return element(
    "ol",
    { class: "intervals", "aria-label": "Means and 95 % intervals of a paired bootstrap, best first" },
    ...ranking.map(({ label, mean, low, high, wins, cells }) => {
      const [line, dot] = [element("span", { class: "interval" }), element("span", { class: "mean" })];
      [line.style.left, line.style.width, dot.style.left] = [at(low), `${((high - low) / range) * 100}%`, at(mean)];
      // lower is better is ranked with its sign turned
      const [one, other] = [value(low), value(high)].sort((a, b) => Number(a) - Number(b));
      return element(
        "li",
        {},
        element("span", { class: "name" }, label),
        element("span", { class: "scale" }, line, dot),
        element(
          "span",
          { class: "asks" },
          `${value(mean)} (${one} to ${other}), best in ${Math.round(wins * 100)} %, ${plural(cells.length, "cell")}`,
        ),
      );
    }),
  );
}

function list(id: string, lines: readonly string[]): void {
  const place = byId(id);
  place.append(...lines.map((line) => element("li", {}, line)));
  place.closest("section, div")!.toggleAttribute("hidden", lines.length === 0);
}
