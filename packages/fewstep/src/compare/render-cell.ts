// One cell: a pipeline on the shared runtime, its events to timings, and the picture with everything that made it written into the file.
import {
  type CellRecord,
  encodePng,
  FewstepError,
  type GenerateEvent,
  interrupted,
  type Picture,
  Pipeline,
  type PlannedCell,
  type SharingRuntime,
} from "@fewstep/core";
import type { ChildRuntime } from "@fewstep/core/node";
import { openFile } from "@fewstep/core/node";
import { pictureTexts } from "../run/picture-texts.js";
import type { AdapterFits, ComparisonFiles, OpenedModel } from "./open-comparison.js";
import { peakMemory, resetPeakMemory } from "./peak-memory.js";

export interface RenderContext {
  readonly files: ComparisonFiles;
  readonly fits: AdapterFits;
  readonly runtime: ChildRuntime;
  readonly shared: SharingRuntime;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: GenerateEvent) => void;
}

export interface RenderedCell {
  readonly record: CellRecord;
  readonly png?: Uint8Array;
}

/** @throws FewstepError `interrupted`; every other failure is the cell's own record */
export async function renderCell(cell: PlannedCell, context: RenderContext): Promise<RenderedCell> {
  try {
    return await render(cell, context);
  } catch (error) {
    if (context.signal.aborted) throw interrupted();
    const { code, summary, found, hint } = explained(error);
    // nothing of a dead process can be used again
    if (code === "runtime-crashed") context.shared.forget();
    const reason = {
      code,
      message: summary,
      ...(found === undefined ? {} : { found }),
      ...(hint === undefined ? {} : { hint }),
    };
    return { record: { id: cell.id, status: "failed", run: cell.run, failures: [], error: reason } };
  }
}

async function render(cell: PlannedCell, context: RenderContext): Promise<RenderedCell> {
  const { files, fits, runtime, shared, signal, onEvent } = context;
  const { run } = cell;
  const model = files.models.find(({ grid }) => grid.hash === run.model.hash)!;
  await checkStillThere(cell, files, model);
  const adapters = await fits.of(run, model, signal);
  const pipeline = new Pipeline({
    checkpoint: model.checkpoint,
    runtime: shared,
    adapters,
    casts: "late",
    keep: "all",
  });
  const plan = pipeline.plan(run.request);
  if (runtime.pid !== undefined) await resetPeakMemory(runtime.pid);
  const start = performance.now();
  const steps: number[] = [];
  let loading = 0;
  let picture: Picture | undefined;
  let decodeFrom = start;
  try {
    for await (const event of pipeline.generate(plan, signal)) {
      onEvent?.(event);
      if (event.kind === "loaded") loading += event.seconds;
      if (event.kind === "step") steps.push(event.seconds);
      if (event.kind === "decoding") decodeFrom = performance.now();
      if (event.kind === "picture") picture = event.result;
    }
  } finally {
    // gives the sessions back; they stay loaded
    await pipeline.dispose();
  }
  const end = performance.now();
  const { pixels, planes } = picture!;
  const peakBytes = runtime.pid === undefined ? undefined : await peakMemory(runtime.pid);
  const finite = planes.data.every(Number.isFinite);
  const used = {
    model: run.model.name,
    modelHash: run.model.hash.slice(0, 10),
    loras: run.adapters.map(({ name, strength, hash }) => ({ name, strength, hash: hash.slice(0, 12) })),
  };
  const png = await encodePng(pixels, { texts: pictureTexts(plan, 0, used), signal });
  return {
    png,
    record: {
      id: cell.id,
      status: "done",
      run,
      // the store fills in length and hash of what it wrote
      picture: { bytes: png.length, sha256: "", width: pixels.width, height: pixels.height },
      timings: { loading, steps, decode: (end - decodeFrom) / 1000, total: (end - start) / 1000 },
      calls: cell.calls,
      device: runtime.device,
      threads: runtime.threads,
      failures: finite ? [] : ["non-finite"],
      ...(peakBytes === undefined ? {} : { peakBytes }),
    },
  };
}

/** A file that went or changed its length would be a crash or noise later: said here, by name. */
async function checkStillThere({ run }: PlannedCell, { loras }: ComparisonFiles, model: OpenedModel): Promise<void> {
  const adapters = run.adapters.map(({ hash }) => loras.find(({ grid }) => grid.hash === hash)!.path);
  for (const path of adapters) await openFile(path);
  for (const { path, name, blob } of model.checkpoint.files) {
    if (path === undefined) continue;
    const now = await openFile(path);
    if (now.blob.size === blob.size) continue;
    throw new FewstepError({
      code: "file-changed",
      kind: "failed",
      message: "a model file changed while it was in use",
      found: `${name}: ${now.blob.size} bytes instead of ${blob.size}`,
      hint: "leave files alone while fewstep runs, then run again: finished cells are kept",
    });
  }
}

function explained(error: unknown): FewstepError {
  if (error instanceof FewstepError) return error;
  return new FewstepError({
    code: "unexpected-error",
    kind: "failed",
    message: "something went wrong inside fewstep",
    found: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}
