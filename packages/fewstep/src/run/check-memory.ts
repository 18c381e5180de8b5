// Whether a run will fit into memory, before anything is loaded: 'needs X GB, has Y'.
import { FewstepError } from "@fewstep/core";
import { type AvailableMemory, availableMemory, estimateMemory } from "@fewstep/core/node";
import type { GenerateOptions } from "./generate-options.js";
import type { RunFiles } from "./open-run.js";
import type { PromptRun } from "./prompt-run.js";

/** @throws FewstepError `memory-too-small` */
export async function checkMemory(
  files: Pick<RunFiles, "checkpoint" | "taesd">,
  runs: readonly Pick<PromptRun, "plan" | "loras">[],
  { memory = "low" }: Pick<GenerateOptions, "memory">,
  available: () => Promise<AvailableMemory> = availableMemory,
): Promise<void> {
  const casts = memory === "fast" ? "early" : "late";
  const needs = Math.max(
    ...runs.map(({ plan, loras }) => {
      const adapters = loras.map(({ opened }) => opened.source.blob.size);
      const adapterBytes = adapters.reduce((sum, bytes) => sum + bytes, 0);
      return estimateMemory({ ...files, plan: plan.hires ?? plan, casts, adapterBytes });
    }),
  );
  const has = await available();
  if (needs <= has.bytes) return;
  const [{ plan }] = runs as [Pick<PromptRun, "plan">];
  const { width, height } = plan.hires ?? plan;
  throw new FewstepError({
    code: "memory-too-small",
    message: `this run needs about ${gigabytes(needs)}, and ${gigabytes(has.bytes)} are free`,
    found: `${gigabytes(has.bytes)} ${has.source === "machine" ? "on this machine" : "within the limit of this control group"}`,
    expected: `${gigabytes(needs)} for ${width}x${height} with ${files.checkpoint.name}`,
    hint:
      casts === "early"
        ? "use --memory low, or a smaller --size"
        : "use a smaller --size, decode with --taesd, or end other programs",
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
