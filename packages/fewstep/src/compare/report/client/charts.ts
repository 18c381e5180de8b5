// Two drawings of the configurations: any number against the time, and the time as bars. A configuration has one number and one colour in
// both, so that no name has to be squeezed in between points. Drawn as SVG; the table below says the same in text.
import type { Configuration, Report } from "@fewstep/core";
import { linearTicks, logarithmicTicks } from "./axis.js";
import { byId, choice, element, svg } from "./dom.js";
import { score, seconds } from "./format.js";
import { numberOf } from "./selection.js";

interface Point {
  /** Place in the list by time, from 1. */
  readonly number: number;
  readonly label: string;
  /** Of five, by accelerator. */
  readonly colour: number;
  readonly time: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Timed {
  readonly configuration: Configuration;
  readonly number: number;
  readonly colour: number;
  readonly time: number;
}

const [WIDTH, HEIGHT] = [760, 400];
const MARGIN = { left: 64, right: 28, top: 24, bottom: 50 } as const;
const RADIUS = 11;
const COLOURS = 5;

export function showCharts(report: Report): void {
  const place = byId("charts-area");
  const timed = byTime(report.configurations);
  const measures = [
    ["quality", "Quality, 0 to 1"],
    ...report.scores.map(({ name, title, unit }) => [name, unit === "" ? title : `${title} (${unit})`] as const),
  ] as const;
  const usable = measures.filter(([key]) => timed.some((one) => pointOf(report, one, key) !== undefined));
  const drawing = element("div");
  const draw = (key: string) => {
    const title = measures.find(([name]) => name === key)![1];
    drawing.replaceChildren(
      scatter(
        timed.flatMap((one) => pointOf(report, one, key) ?? []),
        title,
      ),
    );
  };
  if (usable.length > 0) {
    place.append(choice("Against time", usable, draw), drawing);
    draw(usable[0]![0]);
  }
  if (timed.length > 0) place.append(element("h3", {}, "Time a picture"), bars(timed));
  byId("charts").hidden = timed.length === 0;
}

/** Fastest first; one colour an accelerator. */
function byTime(configurations: readonly Configuration[]): readonly Timed[] {
  const accelerators = [...new Set(configurations.map(({ settings }) => settings.accelerator))];
  return configurations
    .flatMap((configuration) => {
      const { seconds: time, settings } = configuration;
      const colour = accelerators.indexOf(settings.accelerator) % COLOURS;
      return time === undefined ? [] : [{ configuration, colour, time }];
    })
    .sort((a, b) => a.time - b.time)
    .map((one, i) => ({ ...one, number: i + 1 }));
}

function pointOf({ cells }: Report, { configuration, number, colour, time }: Timed, key: string): Point | undefined {
  const { id, label } = configuration;
  const finite = cells
    .filter((cell) => cell.role === "candidate" && cell.config === id)
    .flatMap((cell) => numberOf(cell, key) ?? [])
    .filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  return {
    number,
    label,
    colour,
    time,
    value: finite.reduce((sum, value) => sum + value, 0) / finite.length,
    low: Math.min(...finite),
    high: Math.max(...finite),
  };
}

/** Time on a logarithmic axis: twice as fast is one distance everywhere. */
function scatter(points: readonly Point[], title: string): SVGElement {
  const times = points.map(({ time }) => time);
  const [first, last] = [Math.min(...times) / 1.25, Math.max(...times) * 1.25];
  const [low, high] = padded(
    Math.min(...points.map((point) => point.low)),
    Math.max(...points.map((point) => point.high)),
  );
  const x = (time: number) =>
    MARGIN.left + (Math.log(time / first) / Math.log(last / first)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const text = (left: number, top: number, content: string, anchor = "middle") =>
    svg("text", { x: left, y: top, "text-anchor": anchor }, content);
  const rule = (from: readonly [number, number], to: readonly [number, number]) =>
    svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "rule" });
  const [left, right, bottom] = [MARGIN.left, WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      class: "chart",
      "aria-label": `${title} against time, ${points.length} configurations; the table under Numbers has the values`,
    },
    ...linearTicks(low, high).map((value) =>
      svg("g", {}, rule([left, y(value)], [right, y(value)]), text(left - 10, y(value) + 4, score(value), "end")),
    ),
    ...logarithmicTicks(first, last).map((time) =>
      svg("g", {}, rule([x(time), MARGIN.top], [x(time), bottom]), text(x(time), bottom + 20, seconds(time))),
    ),
    text((left + right) / 2, HEIGHT - 8, "time a picture, logarithmic; lines from the least to the greatest value"),
    ...points.map(({ time, low: from, high: to, colour }) =>
      svg("line", { x1: x(time), x2: x(time), y1: y(from), y2: y(to), class: `spread colour-${colour}` }),
    ),
    ...points.map(({ number, label, time, value, low: from, high: to, colour }) =>
      svg(
        "g",
        { class: `point colour-${colour}` },
        svg("title", {}, `${label}: ${score(value)} (${score(from)} to ${score(to)}), ${seconds(time)}`),
        svg("circle", { cx: x(time), cy: y(value), r: RADIUS }),
        svg("text", { x: x(time), y: y(value) + 4, "text-anchor": "middle", class: "number" }, String(number)),
      ),
    ),
  );
}

function padded(low: number, high: number): readonly [number, number] {
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** The list that names the numbers, with each time as a bar. */
function bars(rows: readonly Timed[]): HTMLElement {
  const most = Math.max(...rows.map(({ time }) => time));
  return element(
    "ol",
    { class: "bars" },
    ...rows.map(({ configuration, number, colour, time }) => {
      const bar = element("span", { class: `bar colour-${colour}` });
      bar.style.width = `${(time / most) * 100}%`;
      return element(
        "li",
        {},
        element("span", { class: `badge colour-${colour}` }, String(number)),
        element("span", { class: "name" }, configuration.label),
        element("span", { class: "track" }, bar),
        element("span", { class: "amount" }, seconds(time)),
      );
    }),
  );
}
