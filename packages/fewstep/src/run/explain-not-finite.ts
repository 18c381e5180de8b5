// A run that came to NaN or infinity: looks through the weights it used, so that the error can name the damaged tensor.
import { FewstepError, type LazyTensor, openSafetensors, scanTensor } from "@fewstep/core";
import { FLOATS } from "../inspect/scan-weights.js";
import type { RunFiles, RunLora } from "./open-run.js";
import { createProgress, type ProgressStream } from "./progress.js";

const CODES: ReadonlySet<string> = new Set(["not-finite", "picture-not-finite"]);

/** The error itself, or one that names the first damaged tensor as well. */
export async function explainNotFinite(
  error: unknown,
  { checkpoint }: RunFiles,
  loras: readonly RunLora[],
  stream: ProgressStream,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof FewstepError) || !CODES.has(error.code)) return error;
  const progress = createProgress(stream, 0);
  for (const source of [...loras.map(({ opened }) => opened.source), ...checkpoint.files]) {
    progress.stage(`looking for NaN in the weights of ${source.name}`);
    const damaged = await firstDamaged(await openSafetensors(source, signal), signal);
    if (damaged === undefined) continue;
    progress.end();
    return new FewstepError({
      code: error.code,
      // the file given is what is wrong
      kind: "input",
      message: error.summary,
      found: `${error.found ?? "NaN"}; tensor ${JSON.stringify(damaged)} of ${source.name} holds NaN or infinity`,
      hint: "the file is damaged: get it again from its author",
      cause: error,
    });
  }
  progress.end();
  return error;
}

async function firstDamaged(
  { weights }: Awaited<ReturnType<typeof openSafetensors>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const name of weights.names) {
    const tensor = weights.get(name) as LazyTensor;
    if (!FLOATS.has(tensor.dtype)) continue;
    if ((await scanTensor(tensor, signal)).firstBad !== undefined) return name;
  }
  return undefined;
}
