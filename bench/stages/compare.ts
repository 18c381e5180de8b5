// A comparison beside the same cells as warm generates of the library, one after the other in one process: the pipeline is kept as long as
// the LoRA and its strength stay, and pictures are written as PNG. In turns, median of three after one round that does not count.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompareRequest, encodePng } from "@fewstep/core";
import { createPipeline, modelFolders } from "@fewstep/core/node";
import { type ComparisonResult, runComparison } from "fewstep";
import { cpuSeconds, median } from "../measure.js";
import { model } from "../models.js";

const ROUNDS = 3;

interface Files {
  readonly model: string;
  readonly lora: string;
  readonly size: string;
}

const requestOf = ({ model: checkpoint, lora, size }: Files): CompareRequest => ({
  models: [checkpoint],
  loras: [{ file: lora, is: "lcm" }],
  accelerators: ["lcm"],
  strengths: [0.5, 0.75, 1],
  steps: [2, 4],
  prompts: ["a cat", "a lighthouse at dusk"],
  seeds: [1, 2],
  sizes: [size],
  reference: false,
});

interface Took {
  readonly seconds: number;
  readonly cpu: number;
}

interface Compared extends Took {
  /** Scores and reports, which the generates do not have. */
  readonly after: number;
  readonly result: ComparisonResult;
}

function stopwatch(): () => Took {
  const [start, before] = [performance.now(), cpuSeconds()];
  return () => ({ seconds: (performance.now() - start) / 1000, cpu: cpuSeconds() - before });
}

/** Timed from the call until the runtime is gone: files opened and hashed, grid planned, cells computed and written. */
async function asComparison(files: Files, out: string, threads: number): Promise<Compared> {
  const took = stopwatch();
  let cells: Took | undefined;
  const result = await runComparison({
    request: requestOf(files),
    out,
    folders: modelFolders({}),
    threads,
    signal: new AbortController().signal,
    onEvent: ({ kind }) => {
      if (kind === "scoring") cells ??= took();
    },
  });
  return { ...cells!, after: took().seconds - cells!.seconds, result };
}

async function asGenerates(files: Files, { report }: ComparisonResult, cells: string, threads: number): Promise<Took> {
  const took = stopwatch();
  let held: { readonly strength: number; readonly pipeline: Awaited<ReturnType<typeof createPipeline>> } | undefined;
  for (const { id, settings } of report.cells) {
    const { request } = JSON.parse(readFileSync(join(cells, `${id}.json`), "utf8")).run;
    if (held?.strength !== settings.strength) {
      await held?.pipeline.dispose();
      const loras = [{ path: files.lora, strength: settings.strength }];
      held = { strength: settings.strength, pipeline: await createPipeline({ model: files.model, loras, threads }) };
    }
    for await (const event of held.pipeline.generate(request)) {
      if (event.kind === "picture") writeFileSync(join(cells, `${id}.alone.png`), await encodePng(event.result.pixels));
    }
  }
  await held?.pipeline.dispose();
  return took();
}

async function sideBySide(files: Files, threads: number) {
  const folder = mkdtempSync(join(tmpdir(), "fewstep-bench-"));
  const rounds: { readonly compare: Took; readonly generates: Took; readonly after: number }[] = [];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const out = join(folder, String(round));
      const { seconds, cpu, after, result } = await asComparison(files, out, threads);
      const failed = result.report.cells.filter(({ status }) => status !== "done").length;
      if (failed > 0) throw new Error(`${failed} cells were not computed`);
      const generates = await asGenerates(files, result, join(out, "cells"), threads);
      if (round > 0) rounds.push({ compare: { seconds, cpu }, generates, after });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const middle = (of: (one: (typeof rounds)[number]) => number) => median(rounds.map(of));
  const [ours, alone] = [
    middle(({ compare: { seconds } }) => seconds),
    middle(({ generates: { seconds } }) => seconds),
  ];
  const [ourCpu, aloneCpu] = [middle(({ compare: { cpu } }) => cpu), middle(({ generates: { cpu } }) => cpu)];
  return {
    compare_s: ours,
    generates_s: alone,
    ratio: ours / alone,
    compare_cpu_s: ourCpu,
    generates_cpu_s: aloneCpu,
    cpu_ratio: ourCpu / aloneCpu,
    scores_and_report_s: middle(({ after }) => after),
    rounds,
  };
}

export function compare(threads: number) {
  return sideBySide({ model: model("sd15-full"), lora: model("sd15-full-lcm"), size: "256x256" }, threads);
}

/** On the small test checkpoint: what sharing saves where computing costs nearly nothing. */
export function compareSmall(threads: number) {
  return sideBySide({ model: model("sd15-tiny"), lora: model("sd15-lcm-like"), size: "128x128" }, threads);
}
