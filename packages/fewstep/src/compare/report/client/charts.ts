// Two drawings of the configurations: any number against the time, and each number as bars. Drawn as SVG; the table below says the same in
// text.
import type { Configuration, Report } from "@fewstep/core";
import { byId, choice, element, svg } from "./dom.js";
import { score, seconds } from "./format.js";
import { numberOf } from "./selection.js";

interface Point {
  readonly label: string;
  readonly time: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const [WIDTH, HEIGHT] = [760, 380];
const MARGIN = { left: 64, right: 24, top: 20, bottom: 46 } as const;

export function showCharts(report: Report): void {
  const place = byId("charts-area");
  const measures = [
    ["quality", "Quality, 0 to 1"],
    ...report.scores.map(({ name, title, unit }) => [name, unit === "" ? title : `${title} (${unit})`] as const),
  ] as const;
  const usable = measures.filter(([key]) =>
    report.configurations.some((one) => pointOf(report, one, key) !== undefined),
  );
  const drawing = element("div");
  const draw = (key: string) => {
    const title = measures.find(([name]) => name === key)![1];
    const points = report.configurations.flatMap((one) => pointOf(report, one, key) ?? []);
    drawing.replaceChildren(scatter(points, title));
  };
  if (usable.length > 0) {
    place.append(choice("Against time", usable, draw), drawing);
    draw(usable[0]![0]);
  }
  const times = report.configurations.flatMap(({ label, seconds: time }) =>
    time === undefined ? [] : [{ label, value: time }],
  );
  if (times.length > 0) place.append(element("h3", {}, "Time a picture"), bars(times));
  byId("charts").hidden = times.length === 0;
}

function pointOf({ cells }: Report, { id, label, seconds: time }: Configuration, key: string): Point | undefined {
  const values = cells
    .filter((cell) => cell.role === "candidate" && cell.config === id)
    .flatMap((cell) => numberOf(cell, key) ?? []);
  const finite = values.filter(Number.isFinite);
  if (time === undefined || finite.length === 0) return undefined;
  return {
    label,
    time,
    value: finite.reduce((sum, value) => sum + value, 0) / finite.length,
    low: Math.min(...finite),
    high: Math.max(...finite),
  };
}

/** Time on a logarithmic axis: twice as fast is one distance everywhere. */
function scatter(points: readonly Point[], title: string): SVGElement {
  const times = points.map(({ time }) => time);
  const [first, last] = [Math.min(...times) / 1.3, Math.max(...times) * 1.6];
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
  const across = Array.from({ length: 5 }, (_, i) => first * (last / first) ** (i / 4));
  const up = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      class: "chart",
      "aria-label": `${title} against time, ${points.length} configurations; the table under Numbers has the values`,
    },
    ...up.map((value) =>
      svg(
        "g",
        {},
        svg("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(value), y2: y(value), class: "rule" }),
        text(MARGIN.left - 8, y(value) + 4, score(value), "end"),
      ),
    ),
    ...across.map((time) => text(x(time), HEIGHT - MARGIN.bottom + 20, seconds(time))),
    text(WIDTH / 2, HEIGHT - 6, "seconds a picture, logarithmic"),
    ...points.map(({ label, time, value, low: from, high: to }) =>
      svg(
        "g",
        { class: "point" },
        svg("title", {}, `${label}: ${score(value)} (${score(from)} to ${score(to)}), ${seconds(time)}`),
        svg("line", { x1: x(time), x2: x(time), y1: y(from), y2: y(to), class: "spread" }),
        svg("circle", { cx: x(time), cy: y(value), r: 6 }),
      ),
    ),
    ...names(points, x, y),
  );
}

/** Names beside their points, pushed down where two would lie over each other. */
function names(
  points: readonly Point[],
  x: (time: number) => number,
  y: (value: number) => number,
): readonly SVGElement[] {
  const placed: { readonly left: number; readonly top: number; readonly width: number }[] = [];
  return [...points]
    .sort((a, b) => y(a.value) - y(b.value))
    .map(({ label, time, value }) => {
      const short = label.length > 34 ? `${label.slice(0, 32)}…` : label;
      const width = short.length * 6.6;
      const after = x(time) + 12 + width < WIDTH;
      const left = after ? x(time) + 12 : x(time) - 12 - width;
      let top = y(value) + 4;
      while (
        placed.some(
          (other) => Math.abs(other.top - top) < 14 && left < other.left + other.width && other.left < left + width,
        )
      )
        top += 14;
      placed.push({ left, top, width });
      return svg("text", { x: left, y: top, class: "name" }, short);
    });
}

function padded(low: number, high: number): readonly [number, number] {
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

function bars(rows: readonly { readonly label: string; readonly value: number }[]): HTMLElement {
  const most = Math.max(...rows.map(({ value }) => value));
  return element(
    "ul",
    { class: "bars" },
    ...[...rows]
      .sort((a, b) => a.value - b.value)
      .map(({ label, value }) => {
        const bar = element("span", { class: "bar" });
        bar.style.width = `${(value / most) * 100}%`;
        return element(
          "li",
          {},
          element("span", { class: "name" }, label),
          element("span", { class: "track" }, bar),
          element("span", { class: "amount" }, seconds(value)),
        );
      }),
  );
}
