// An Inspection as lines for people.
import { bytesText, countText } from "./amounts.js";
import type { PictureInspection } from "./inspect-picture.js";
import type { Inspection } from "./inspection.js";
import type { WeightScan } from "./scan-weights.js";

export interface FullInspection extends Inspection {
  readonly picture?: PictureInspection;
  readonly scan?: WeightScan;
}

type Line = readonly [label: string, text: string | undefined];

/** Names in files are strangers' words: what could move a terminal's cursor or reverse its text is shown as a code. */
const shown = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`);

export function inspectionText(found: FullInspection): string {
  const lines: readonly Line[] = [
    ["is", found.title],
    ["size", `${bytesText(found.bytes)}${found.tensors === undefined ? "" : `, ${found.tensors} tensors`}`],
    ["weights", found.parameters === undefined ? undefined : amounts(found.parameters, found.dtypes ?? {})],
    ...(found.parts ?? []).map((part): Line => [part.part, amounts(part.parameters, part.dtypes)]),
    ["incomplete", found.incomplete],
    ["predicts", found.prediction && `${found.prediction.type} (${found.prediction.evidence})`],
    ["noise", found.zeroTerminalSnr ? "zero terminal SNR" : undefined],
    ...adapterLines(found.adapter),
    ["accelerator", found.accelerator?.line],
    ["unclaimed", names(found.unclaimed)],
    [
      "left aside",
      found.ignored
        ? `${found.ignored} ${found.ignored === 1 ? "tensor" : "tensors"} that inference does not need`
        : undefined,
    ],
    ["made by", found.picture?.tool],
    ...Object.entries(found.picture?.settings ?? {}).map(([key, value]): Line => [key, plain(value)]),
    ...(found.picture?.faults ?? []).map((fault): Line => ["damaged", fault.replaceAll("\n", ";")]),
    ["scan", found.scan && `${found.scan.tensors} tensors read, ${found.scan.damaged.length} with NaN or infinity`],
    ...(found.scan?.damaged ?? []).map(
      ({ name, nan, infinite }): Line => ["damaged", `${name}: ${nan} NaN, ${infinite} infinite`],
    ),
    ["decided by", found.evidence],
    // a picture was asked about for its settings
    ["what to do", found.picture === undefined ? found.remedy : undefined],
  ];
  const said = lines.filter(([, text]) => text !== undefined);
  const width = Math.max(...said.map(([label]) => label.length));
  return [shown(found.name), ...said.map(([label, text]) => `  ${label.padEnd(width)}  ${shown(text!)}`)].join("\n");
}

function amounts(parameters: number, dtypes: Readonly<Record<string, number>>): string {
  return `${countText(parameters)} parameters, ${Object.keys(dtypes).join(" + ")}`;
}

function adapterLines(adapter: Inspection["adapter"]): readonly Line[] {
  if (adapter === undefined) return [];
  const { algorithms, spelling, ranks, alphas, targets, notes, problem } = adapter;
  return [
    ["form", `${algorithms.join(" + ")}, ${spelling} names`],
    ["rank", ranks.length === 0 ? undefined : ranks.join(", ")],
    ["alpha", alphas.length === 0 ? undefined : alphas.join(", ")],
    ["layers", problem === undefined ? `${targets.unet} of the UNet, ${targets.text} of text encoders` : undefined],
    ...notes.map((note): Line => ["note", note]),
    ["problem", problem?.replaceAll("\n", ";")],
  ];
}

function names(unclaimed: Inspection["unclaimed"]): string | undefined {
  if (unclaimed === undefined || unclaimed.count === 0) return undefined;
  return `${unclaimed.count} tensors that nothing takes: ${unclaimed.first.slice(0, 5).join(", ")}`;
}

function plain(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
