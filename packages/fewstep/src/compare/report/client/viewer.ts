// One or two pictures at large: the same place at the same zoom in both, flipped by a key, laid over each other as a difference, and read
// out pixel by pixel.
import type { Report, ReportCell } from "@fewstep/core";
import { showDetails } from "./details.js";
import { difference, differenceSize } from "./difference.js";
import { button, byId, choice, element } from "./dom.js";
import { cellAlt, cellTitle } from "./labels.js";
import { picturePixels } from "./pictures.js";

type Mode = "a" | "b" | "side" | "difference";

interface View {
  a: ReportCell;
  b: ReportCell | undefined;
  among: readonly ReportCell[];
  mode: Mode;
  zoom: number;
  gain: number;
  x: number;
  y: number;
}

const ZOOM = { least: 1, most: 32, step: 1.25 } as const;

export type OpenViewer = (cell: ReportCell, among: readonly ReportCell[]) => void;

export function createViewer(report: Report): OpenViewer {
  const dialog = byId<HTMLDialogElement>("viewer");
  const [left, right] = [element("canvas"), element("canvas")];
  const stage = element(
    "div",
    { class: "stage", tabindex: "0", role: "group", "aria-label": "Pictures; the arrow keys move them" },
    left,
    right,
  );
  const reading = element("p", { class: "reading", role: "status" });
  const title = element("h2", { id: "viewer-title" });
  const details = element("div", { class: "details" });
  const view: View = { a: report.cells[0]!, b: undefined, among: [], mode: "a", zoom: 1, gain: 8, x: 0, y: 0 };
  const done = report.cells.filter(({ status }) => status === "done");
  const names = done.map((cell) => [cell.id, `${cellTitle(cell)} · seed ${cell.settings.seed}`] as const);
  const other = choice("Beside", [["", "nothing"], ...names], (id) => {
    view.b = done.find((cell) => cell.id === id);
    setMode(view.b === undefined ? "a" : view.mode === "a" ? "b" : view.mode);
  });
  const gain = element("input", {
    type: "range",
    min: 1,
    max: 32,
    value: view.gain,
    "aria-label": "Amplify the difference",
  });
  gain.addEventListener("input", () => {
    view.gain = Number(gain.value);
    void draw();
  });
  const modes: readonly (readonly [Mode, string])[] = [
    ["a", "This"],
    ["b", "Beside"],
    ["side", "Both"],
    ["difference", "Difference"],
  ];
  const tabs = modes.map(([mode, text]) => button(text, { "aria-pressed": "false" }, () => setMode(mode)));
  const toolbar = element(
    "div",
    { class: "toolbar" },
    button("Previous", {}, () => step(-1)),
    button("Next", {}, () => step(1)),
    other,
    element("div", { class: "modes", role: "group", "aria-label": "What is shown" }, ...tabs),
    element("label", { class: "gain" }, element("span", {}, "Amplify"), gain),
    button("−", { "aria-label": "Smaller" }, () => zoom(1 / ZOOM.step)),
    button("+", { "aria-label": "Larger" }, () => zoom(ZOOM.step)),
    button("Fit", {}, () => zoom(0)),
  );
  const close = button("Close", { class: "close" }, () => dialog.close());
  const keys = element(
    "p",
    { class: "keys" },
    "Keys: Space flips, D difference, S both, + and − zoom, arrows move, N and P next and previous, Esc closes",
  );
  dialog.append(
    element("header", {}, title, close),
    toolbar,
    element("div", { class: "body" }, element("div", {}, stage, reading, keys), details),
  );

  function setMode(mode: Mode): void {
    view.mode = view.b === undefined ? "a" : mode;
    void draw();
  }

  function step(by: number): void {
    const at = view.among.findIndex(({ id }) => id === view.a.id);
    const next = view.among[(at + by + view.among.length) % view.among.length];
    if (next !== undefined) show(next, view.among);
  }

  function zoom(factor: number): void {
    const before = view.zoom;
    view.zoom = factor === 0 ? 1 : Math.max(ZOOM.least, Math.min(ZOOM.most, view.zoom * factor));
    if (view.zoom === 1) [view.x, view.y] = [0, 0];
    else [view.x, view.y] = [(view.x * view.zoom) / before, (view.y * view.zoom) / before];
    place();
  }

  /** Both pictures are moved alike, so the same pixel stays under the eye. */
  function place(): void {
    for (const canvas of [left, right]) {
      canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
      canvas.style.imageRendering = view.zoom > 2 ? "pixelated" : "auto";
    }
  }

  async function draw(): Promise<void> {
    const { a, b, mode } = view;
    const [pixelsA, pixelsB] = [await picturePixels(a.id), b && (await picturePixels(b.id))];
    if (a !== view.a || b !== view.b || mode !== view.mode) return;
    tabs.forEach((tab, i) => {
      const [which] = modes[i]!;
      tab.setAttribute("aria-pressed", String(which === mode));
      tab.disabled = which !== "a" && b === undefined;
    });
    gain.parentElement!.hidden = mode !== "difference";
    stage.classList.toggle("side", mode === "side");
    right.hidden = mode !== "side";
    const shown = mode === "b" ? b! : a;
    title.textContent = mode === "a" || b === undefined ? cellTitle(shown) : `${cellTitle(a)} — ${cellTitle(b)}`;
    paint(left, mode === "b" ? pixelsB : mode === "difference" ? subtracted(pixelsA, pixelsB, view.gain) : pixelsA);
    left.setAttribute("role", "img");
    left.setAttribute(
      "aria-label",
      mode === "difference" ? `Difference of two pictures, times ${view.gain}` : cellAlt(shown),
    );
    if (mode === "side") {
      paint(right, pixelsB);
      right.setAttribute("role", "img");
      right.setAttribute("aria-label", cellAlt(b!));
    }
    reading.textContent = describe(mode, a, shown, pixelsA, pixelsB);
    place();
  }

  function describe(mode: Mode, a: ReportCell, shown: ReportCell, pixelsA?: ImageData, pixelsB?: ImageData): string {
    if (pixelsA === undefined)
      return a.reason === undefined
        ? "no picture"
        : `${a.reason.message}${a.reason.hint === undefined ? "" : `: ${a.reason.hint}`}`;
    if (mode !== "difference" || pixelsB === undefined)
      return `${mode === "b" ? "Beside" : "This"}: seed ${shown.settings.seed}, ${shown.settings.prompt}`;
    if (pixelsA.width !== pixelsB.width || pixelsA.height !== pixelsB.height)
      return "pictures of two sizes have no difference";
    const { mean, most } = differenceSize(pixelsA.data, pixelsB.data);
    return `Difference: ${mean.toFixed(2)} levels on average, ${most} at most`;
  }

  function show(cell: ReportCell, among: readonly ReportCell[]): void {
    const reference = done.find(({ id }) => id === cell.reference);
    Object.assign(view, { a: cell, among, b: view.b ?? reference, mode: "a" });
    if (view.b !== undefined && view.b.unit !== cell.unit && reference !== undefined) view.b = reference;
    other.querySelector("select")!.value = view.b?.id ?? "";
    showDetails(details, report, cell);
    void draw();
  }

  const flip = () => setMode(view.mode === "b" ? "a" : "b");
  const pan = (x: number, y: number) => {
    [view.x, view.y] = [view.x + x, view.y + y];
    place();
  };
  const actions: Readonly<Record<string, () => void>> = {
    " ": flip,
    d: () => setMode(view.mode === "difference" ? "a" : "difference"),
    s: () => setMode(view.mode === "side" ? "a" : "side"),
    "+": () => zoom(ZOOM.step),
    "=": () => zoom(ZOOM.step),
    "-": () => zoom(1 / ZOOM.step),
    n: () => step(1),
    p: () => step(-1),
    ArrowLeft: () => pan(40, 0),
    ArrowRight: () => pan(-40, 0),
    ArrowUp: () => pan(0, 40),
    ArrowDown: () => pan(0, -40),
  };
  dialog.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const typing =
      target.matches("select, input, textarea, summary") || (event.key === " " && target.matches("button"));
    const action =
      typing || event.ctrlKey || event.metaKey
        ? undefined
        : actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? ZOOM.step : 1 / ZOOM.step);
  });
  stage.addEventListener("click", () => stage.focus());
  stage.addEventListener("pointermove", (event) => {
    if (event.buttons === 1) pan(event.movementX, event.movementY);
    else void read(event);
  });

  async function read(event: PointerEvent): Promise<void> {
    const canvas = event.target instanceof HTMLCanvasElement ? event.target : left;
    const box = canvas.getBoundingClientRect();
    const [pixelsA, pixelsB] = [await picturePixels(view.a.id), view.b && (await picturePixels(view.b.id))];
    if (pixelsA === undefined || box.width === 0) return;
    const x = Math.floor(((event.clientX - box.left) / box.width) * pixelsA.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * pixelsA.height);
    if (x < 0 || y < 0 || x >= pixelsA.width || y >= pixelsA.height) return;
    const at = (pixels: ImageData) =>
      [...pixels.data.slice((y * pixels.width + x) * 4, (y * pixels.width + x) * 4 + 3)].join(", ");
    const same = pixelsB?.width === pixelsA.width && pixelsB.height === pixelsA.height;
    reading.textContent = `x ${x}, y ${y} · this ${at(pixelsA)}${same ? ` · beside ${at(pixelsB)}` : ""}`;
  }

  return (cell, among) => {
    view.b = undefined;
    [view.zoom, view.x, view.y] = [1, 0, 0];
    show(cell, among);
    dialog.showModal();
    stage.focus();
  };
}

function paint(canvas: HTMLCanvasElement, pixels: ImageData | undefined): void {
  [canvas.width, canvas.height] = [pixels?.width ?? 1, pixels?.height ?? 1];
  if (pixels !== undefined) canvas.getContext("2d")!.putImageData(pixels, 0, 0);
}

function subtracted(a: ImageData | undefined, b: ImageData | undefined, gain: number): ImageData | undefined {
  if (a === undefined || b === undefined || a.width !== b.width || a.height !== b.height) return undefined;
  return new ImageData(difference(a.data, b.data, gain), a.width, a.height);
}
