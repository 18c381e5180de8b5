// docs/guide/README.md from a report of the nine runs, as text; and which pictures stand beside each other in its sheet. Pure.
import { presets } from "@fewstep/core";

const NOTE = "<!-- Made by scripts/make-guide.mjs. Run it again, do not edit this page. -->";
const OUTCOMES = {
  agrees: "agrees",
  disagrees: "does not agree",
  undecided: "cannot tell",
  "not-tried": "not tried here",
};
const GOALS = {
  balanced: "Balanced",
  quality: "Quality",
  fastest: "Fastest",
  closest: "Closest to the many-step picture",
  adherence: "Adherence",
  budget: "In the budget",
};
/** Prompts in the sheet, one seed each. */
const SHOWN = 2;

const cell = (value) => String(value).replaceAll("|", "\\|").replaceAll("\n", " ");
const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
const table = (head, rows) => [line(head), line(head.map(() => "---")), ...rows.map(line)];
const number = (value, digits = 3) => (value === undefined ? "–" : value.toFixed(digits));
const counted = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
const runNumber = (name) => name.replace("guide-", "");

/** A row a run: for each prompt the many-step picture, the run as it was made, the run as published. */
export function overviewRows(report) {
  const units = [...new Map(report.cells.map(({ unit, settings }) => [settings.prompt, { unit, settings }])).values()];
  const shown = firstSeeds(report, units).slice(0, SHOWN);
  const find = (unit, name, as) =>
    report.cells.find((one) => one.unit === unit && one.preset?.name === name && one.preset.as === as);
  return {
    title: report.title,
    columns: shown.flatMap((_, i) => [`P${i + 1} 25 steps`, `P${i + 1} as made`, `P${i + 1} as published`]),
    rows: presets.map(({ name, title }) => ({
      label: `${runNumber(name)} ${title}`,
      cells: shown.flatMap(({ unit }) => {
        const [made, published] = [find(unit, name, "guide"), find(unit, name, "publisher")];
        const reference = report.cells.find(({ id }) => id === (made ?? published)?.reference);
        return [reference, made, published];
      }),
    })),
    legend: shown.map(({ settings }, i) => `P${i + 1}: ${settings.prompt} (seed ${settings.seed})`),
  };
}

/** Of each prompt its first cell. */
function firstSeeds({ cells }, prompts) {
  return prompts.map(({ settings }) => cells.find((one) => one.settings.prompt === settings.prompt && one.preset));
}

export function guidePage(report, fullTimes) {
  const seeds = new Set(report.cells.map(({ settings }) => settings.seed)).size;
  const prompts = [...new Set(report.cells.map(({ settings }) => settings.prompt))];
  const read = report.scores.some(({ name }) => name === "adherence");
  return `${[
    NOTE,
    "",
    "# The guide's nine runs",
    "",
    "fewstep grew out of a hand-made comparison of Turbo, Lightning, LCM and Hyper on anime models: nine runs, looked at and judged by eye.",
    `Here they are on one small model of ${report.cells[0].settings.size} pixels, each as it was made and as its publisher runs it, on ${counted(prompts.length, "prompt")} and`,
    `${counted(seeds, "seed")}, beside a many-step reference. ${report.cells.filter(({ status }) => status === "done").length} cells, ${report.machine}.`,
    "",
    "![The nine runs: many steps, as made, as published](runs.png)",
    "",
    "## Scores",
    "",
    `Means over prompts and seeds. Quality is how little is wrong beside the many-step picture, 0 to 1; distance is to that picture${read ? "; adherence is the share\nof the prompt that the model's judge reads in the picture" : ""}. What each score is: [comparing](../comparing.md#scores). Every cell: [cells.csv](cells.csv).`,
    "",
    ...scoreTable(report, read),
    "",
    "## What this run advises",
    "",
    ...report.recommendations.map(({ goal, statement }) => `- **${GOALS[goal.kind]}**: ${statement}`),
    "",
    "## The guide's advice, beside this run",
    "",
    ...table(
      ["the guide says", "this run", "what was found"],
      report.advice.map(({ advice, outcome, found }) => [advice, OUTCOMES[outcome], found]),
    ),
    "",
    "## How far this reaches",
    "",
    ...report.notes.map((note) => `- ${note}`),
    ...report.notTried.map((text) => `- ${text}`),
    ...report.licences.map((text) => `- ${text}`),
    "",
    "## Time on a full-size model",
    "",
    ...fullSection(fullTimes),
    "",
    "## Make it again",
    "",
    "```sh parse",
    "npm run build",
    "node scripts/make-guide.mjs",
    "fewstep compare --guide --seeds 1,2,3,4 --out guide",
    "```",
    "",
    "The first command makes this page; the second the same runs with the whole report, to sort, zoom and flip. With your own models:",
    "`fewstep compare --guide --model FILE --lora FILE --out guide`.",
  ].join("\n")}\n`;
}

function scoreTable(report, read) {
  const rows = presets.flatMap(({ name, title, seen }) =>
    ["guide", "publisher"].map((as) => {
      const cells = report.cells.filter(({ preset }) => preset?.name === name && preset.as === as);
      const { settings, reason } = cells[0];
      const configuration = report.configurations.find(({ id }) => id === cells[0].config);
      const mean = (of) => {
        const found = cells.flatMap((one) => of(one) ?? []);
        return found.length === 0 ? undefined : found.reduce((sum, value) => sum + value, 0) / found.length;
      };
      const warned = new Set(cells[0].findings.filter(({ severity }) => severity !== "note").map(({ code }) => code));
      return [
        as === "guide" ? runNumber(name) : "",
        as === "guide" ? `${title}${seen === undefined ? "" : ` (seen: ${seen})`}` : "as published",
        reason?.message ?? `${settings.steps} steps, CFG ${settings.cfg}, ${settings.sampler}, ${settings.schedule}`,
        number(mean(({ quality }) => quality)),
        ...(read
          ? [
              number(
                mean(({ scores }) => scores.adherence),
                2,
              ),
            ]
          : []),
        number(mean(({ scores }) => scores.distance)),
        configuration?.seconds === undefined ? "–" : `${configuration.seconds.toPrecision(2)} s`,
        [...warned].join(", ") || "none",
      ];
    }),
  );
  const head = ["run", "method", "settings", "quality", ...(read ? ["adherence"] : []), "distance", "time", "warnings"];
  return table(head, rows);
}

function fullSection(times) {
  if (times.length === 0)
    return ["Not measured yet: `--full` and `--full-lora` name a full-size checkpoint and a LoRA."];
  return [
    `SD1.5 of full size at ${times[0].size}, with weights that are no trained model's: the time is the same. ${times[0].machine}. The SDXL runs were not timed.`,
    "",
    ...table(
      ["run", "way", "network calls", "time a picture"],
      times.map(({ preset, calls, seconds }) => [
        runNumber(preset.name),
        preset.as === "guide" ? "as made" : "as published",
        calls,
        seconds === undefined ? "failed" : `${seconds.toPrecision(3)} s`,
      ]),
    ),
  ];
}
