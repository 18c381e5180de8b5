// Makes docs/guide: the guide's nine runs on the embedded model (pictures, scores, recommendation), and their times on a full-size SD1.5
// checkpoint: node scripts/make-guide.mjs [--work DIR] [--out DIR] [--seeds 1,2,3,4] [--threads N] [--full FILE --full-lora FILE]
// (after npx tsc -b). Cells that are there are not computed again: run it as often as it is broken off. The full-size files may be any of that
// shape, since only their times are written down. --model FILE and --lora NAME=FILE take other files in the embedded model's place.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decodePng, drawSheet, encodePng } from "@fewstep/core";
import { modelFolders } from "@fewstep/core/node";
import { embeddedModel, runComparison } from "fewstep";
import { guidePage, overviewRows } from "./guide-page.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({
  options: {
    work: { type: "string", default: join(root, ".cache", "guide") },
    out: { type: "string", default: join(root, "docs", "guide") },
    seeds: { type: "string", default: "1,2,3,4" },
    size: { type: "string" },
    prompt: { type: "string", multiple: true },
    threads: { type: "string" },
    model: { type: "string" },
    lora: { type: "string", multiple: true, default: [] },
    full: { type: "string" },
    "full-lora": { type: "string" },
  },
});
/** The guide's SD1.5 runs, and what their LoRA is: a full-size file stands for each of them in turn. */
const FULL_RUNS = { "guide-5": "lcm", "guide-8": "hyper-4", "guide-9": "hyper-8-cfg" };

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => controller.abort());

try {
  await main();
} catch (error) {
  if (error?.code === undefined) throw error;
  console.error(`${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}`);
  process.exitCode = error.code === "interrupted" ? 130 : 1;
}

async function main() {
  const embedded = values.model === undefined ? await embeddedModel() : { model: values.model, loras: namedLoras() };
  const sizes = values.size === undefined ? {} : { sizes: [values.size] };
  const prompts = values.prompt === undefined ? {} : { prompts: values.prompt };
  const folder = join(values.work, "embedded");
  const request = { guide: true, models: [], seeds: values.seeds.split(","), ...sizes, ...prompts };
  const { report } = await compared(folder, { request, ...(embedded === undefined ? {} : { embedded }) });
  const full = values.full === undefined ? [] : await fullTimes(sizes);
  mkdirSync(values.out, { recursive: true });
  const sheet = await drawSheet(overviewRows(report), async ({ id }) => pictureOf(folder, id));
  if (sheet !== undefined) writeFileSync(join(values.out, "runs.png"), await encodePng(sheet));
  copyFileSync(join(folder, "cells.csv"), join(values.out, "cells.csv"));
  writeFileSync(join(values.out, "README.md"), guidePage(report, full));
  console.log(join(values.out, "README.md"));
}

/** One run of the command, in words a person can follow. */
function compared(out, options) {
  let shown = "";
  return runComparison({
    ...options,
    out,
    folders: modelFolders({}),
    signal: controller.signal,
    ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
    onEvent(event) {
      const line = {
        planned: () => `${out}: ${event.cells} pictures, ${event.done} of them done`,
        cell: () => `${event.made}/${event.of}`,
      }[event.kind]?.();
      if (line === undefined || line === shown) return;
      shown = line;
      console.error(line);
    },
  });
}

async function fullTimes(sizes) {
  const times = [];
  for (const [preset, is] of Object.entries(FULL_RUNS)) {
    const request = {
      guide: true,
      models: [values.full],
      loras: [{ file: values["full-lora"], is }],
      seeds: [1],
      reference: false,
      ...sizes,
    };
    const { report } = await compared(join(values.work, `full-${is}`), { request });
    for (const cell of report.cells.filter((one) => one.preset?.name === preset)) {
      times.push({
        preset: cell.preset,
        calls: cell.calls,
        seconds: cell.seconds,
        size: cell.settings.size,
        machine: report.machine,
      });
    }
  }
  return times;
}

function namedLoras() {
  return Object.fromEntries(
    values.lora.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]),
  );
}

async function pictureOf(folder, id) {
  const png = await readFile(join(folder, "cells", `${id}.png`)).catch(() => undefined);
  return png && decodePng(new Uint8Array(png));
}
