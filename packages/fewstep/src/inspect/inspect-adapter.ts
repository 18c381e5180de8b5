// What an adapter file holds: ranks, alphas, layers, and which accelerator it may be. A file whose weights cannot be used is described as
// far as its names go, with the reason.
import { type Delta, FewstepError, type FileSource, parseAdapter, type RecognisedFile } from "@fewstep/core";
import { recognitionLine } from "@fewstep/core/node";
import { recognisedFile } from "../run/accelerate-run.js";
import type { AdapterInspection, Inspection } from "./inspection.js";

const TEXT_MODULE = /^(?:lora_te|lycoris_te|text_encoder|te[12]?_|clip_|cond_stage_model|conditioner)/;

export async function inspectAdapter(
  source: FileSource,
  found: RecognisedFile,
  signal: AbortSignal,
): Promise<Pick<Inspection, "adapter" | "unclaimed" | "accelerator">> {
  const marks = { algorithms: [...found.adapter!.algorithms], spelling: found.adapter!.spelling };
  try {
    const adapter = await parseAdapter(source.name, found.file!, signal);
    const deltas = adapter.targets.map(({ delta }) => delta);
    const text = adapter.targets.filter(({ module }) => TEXT_MODULE.test(module)).length;
    const { recognition } = (await recognisedFile(source, found, signal, adapter))!;
    const candidates = [...new Set(recognition.candidates.map(({ variant }) => variant.name))];
    return {
      adapter: {
        ...marks,
        ranks: ascending(deltas.flatMap((delta) => lowRank(delta)?.rank ?? [])),
        alphas: ascending(deltas.flatMap((delta) => lowRank(delta)?.alpha ?? [])),
        targets: { unet: adapter.targets.length - text, text },
        notes: adapter.notes,
      },
      unclaimed: { count: adapter.unclaimed.length, first: adapter.unclaimed.slice(0, 20) },
      ...(candidates.length === 0 ? {} : { accelerator: { candidates, line: recognitionLine(recognition) } }),
    };
  } catch (error) {
    if (!(error instanceof FewstepError) || error.kind !== "input") throw error;
    const nothing: Omit<AdapterInspection, "problem"> = {
      ...marks,
      ranks: [],
      alphas: [],
      targets: { unet: 0, text: 0 },
      notes: [],
    };
    return { adapter: { ...nothing, problem: error.message } };
  }
}

function lowRank(delta: Delta): { readonly rank: number; readonly alpha: number } | undefined {
  if (delta.kind === "dora") return lowRank(delta.of);
  return "rank" in delta ? delta : undefined;
}

const ascending = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b);
