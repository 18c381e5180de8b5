// An adapter file held against a checkpoint, by their headers: what `fewstep fit` answers.
import { FewstepError, type FitReport, fitReport } from "@fewstep/core";
import { type ModelFolders, openLora, openModel, recognitionLine } from "@fewstep/core/node";
import { recognisedFile } from "../run/accelerate-run.js";
import { findFile } from "../run/find-file.js";

export interface FileFit {
  readonly model: string;
  readonly adapter: string;
  /** Undefined where nothing of the adapter belongs to the model; `reason` says why. */
  readonly report?: FitReport;
  readonly reason?: string;
  /** Distinct ranks and factors of the adapter's layers: alpha / rank is what strength 1 multiplies by. */
  readonly ranks: readonly number[];
  readonly factors: readonly number[];
  /** What it is, as far as is known. */
  readonly accelerator?: string;
}

/** Codes of fitAdapter that are an answer, and no damage. */
const MISFITS: ReadonlySet<string> = new Set(["adapter-family", "adapter-no-match"]);

/** @throws FewstepError the codes of findFile, openModel, openLora but for those that say that it does not fit */
export async function fitAdapterFile(
  model: string,
  adapter: string,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<FileFit> {
  const checkpoint = await openModel(await findFile(folders, "checkpoint", model, signal), { signal });
  const path = await findFile(folders, "lora", adapter, signal);
  try {
    const { source, recognised, fit } = await openLora(path, checkpoint, signal);
    const deltas = fit.adapter.targets.flatMap(({ delta }) => ("rank" in delta && "alpha" in delta ? [delta] : []));
    const recognition = (await recognisedFile(source, recognised, signal, fit.adapter))?.recognition;
    const isKnown = recognition !== undefined && recognition.candidates.length > 0;
    return {
      model: checkpoint.name,
      adapter: source.name,
      report: fitReport(fit, checkpoint),
      ranks: distinct(deltas.map(({ rank }) => rank)),
      factors: distinct(deltas.map(({ alpha, rank }) => alpha / rank)),
      ...(isKnown ? { accelerator: recognitionLine(recognition) } : {}),
    };
  } catch (error) {
    if (!(error instanceof FewstepError && MISFITS.has(error.code))) throw error;
    return { model: checkpoint.name, adapter, reason: error.summary, ranks: [], factors: [] };
  }
}

function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
