// The log of a training as a picture: loss over iterations as SVG, each point thin and its running mean thick, with the other error-like
// metrics below. Pure: text in, text out.
import { FewstepError } from "@fewstep/core";

export interface ChartLine {
  readonly iteration: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Longer logs are thinned: a picture has no more columns. */
const MAX_POINTS = 800;
/** A log of ten million iterations has some 2 GB; charts of shorter ones are enough. */
const MAX_LINES = 1_000_000;
const [WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM] = [960, 240, 72, 16, 28, 28];
const TICKS = 4;

/** Lines of log.jsonl; where a resumed run wrote an iteration again, the newer one. Throws `bad-training-log`. */
export function parseLog(text: string): readonly ChartLine[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0 || lines.length > MAX_LINES) throw badLog(`${lines.length} lines`);
  const byIteration = new Map<number, ChartLine>();
  for (const [i, line] of lines.entries()) {
    const parsed = lineOf(line);
    if (parsed === undefined) {
      // a crash may cut the last line short
      if (i === lines.length - 1 && i > 0) continue;
      throw badLog(`line ${i + 1}: ${line.slice(0, 80)}`);
    }
    byIteration.set(parsed.iteration, parsed);
  }
  return [...byIteration.values()].sort((a, b) => a.iteration - b.iteration);
}

function lineOf(text: string): ChartLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { iteration, metrics } = value as { readonly iteration?: unknown; readonly metrics?: unknown };
  if (typeof iteration !== "number" || typeof metrics !== "object" || metrics === null) return undefined;
  const numbers = Object.entries(metrics).filter(([, x]) => typeof x === "number" && Number.isFinite(x));
  return { iteration, metrics: Object.fromEntries(numbers) as Record<string, number> };
}

function badLog(found: string): FewstepError {
  return new FewstepError({
    code: "bad-training-log",
    message: "this is no log of a training",
    found,
    expected: 'lines such as {"iteration":1,"seconds":0.5,"metrics":{"loss":0.3}}',
    hint: "give log.jsonl of a training's state folder",
  });
}

/** One panel a metric that is in the log. */
export function chartSvg(lines: readonly ChartLine[], title: string): string {
  const names = [...new Set(lines.flatMap(({ metrics }) => Object.keys(metrics)))];
  const panels = names.map((name, i) => panel(lines, name, TOP + i * PANEL));
  const height = TOP + names.length * PANEL;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="${LEFT}" y="18" font-size="14">${escaped(title)}</text>`,
    ...panels,
    "</svg>\n",
  ].join("\n");
}

function panel(lines: readonly ChartLine[], name: string, top: number): string {
  const points = lines.flatMap(({ iteration, metrics }) =>
    metrics[name] === undefined ? [] : [[iteration, metrics[name]] as const],
  );
  const stride = Math.ceil(points.length / MAX_POINTS);
  const means = Array.from({ length: Math.ceil(points.length / stride) }, (_, i) => {
    const part = points.slice(i * stride, (i + 1) * stride);
    return [part.at(-1)![0], part.reduce((sum, [, y]) => sum + y, 0) / part.length] as const;
  });
  const values = means.map(([, y]) => y);
  const [first, last] = [points[0]![0], Math.max(points.at(-1)![0], points[0]![0] + 1)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  const x = (iteration: number) => LEFT + ((iteration - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + PANEL - BOTTOM - ((value - low) / span) * (PANEL - BOTTOM - 20);
  const path = (list: readonly (readonly [number, number])[]) =>
    list.map(([i, v]) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => low + (span * i) / TICKS);
  return [
    `<text x="${LEFT}" y="${top + 14}" font-weight="bold">${escaped(name)}</text>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#ddd"/>` +
        `<text x="${LEFT - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick.toPrecision(3)}</text>`,
    ),
    `<text x="${LEFT}" y="${top + PANEL - 8}">${first}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${top + PANEL - 8}" text-anchor="end">${last}</text>`,
    `<polyline fill="none" stroke="#9bbcdc" points="${path(means)}"/>`,
    `<polyline fill="none" stroke="#1f5c99" stroke-width="2" points="${path(smoothed(means))}"/>`,
  ].join("\n");
}

/** Exponential mean over a twentieth of the points. */
function smoothed(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const weight = 1 / Math.max(1, points.length / 20);
  let mean = points[0]![1];
  return points.map(([x, y]) => {
    mean += weight * (y - mean);
    return [x, mean] as const;
  });
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
