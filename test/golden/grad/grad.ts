// grad/: gradients of the denoising loss for weights, inputs and adapters, and two optimiser steps of three distillations.
import type { GoldenBench, GoldenCase, GoldenCheck, GoldenEntry, GoldenTensors } from "../golden-case.js";
import { runDenoising } from "./denoising.js";
import { runDistillation } from "./distillation.js";

type GradRunner = (entry: GoldenEntry, golden: GoldenTensors, bench: GoldenBench) => Promise<readonly GoldenCheck[]>;

/** By the start of an entry's call. */
const RUNNERS: readonly (readonly [RegExp, GradRunner])[] = [
  [/^mean\(\(unet\(/, runDenoising],
  [/^the same loss with the adapter/, runDenoising],
  [/^as sd15-tiny-lora/, runDenoising],
  [/^two AdamW steps/, runDistillation],
];

export function gradCase(id: string, entry: GoldenEntry, bench: GoldenBench): GoldenCase {
  const run = RUNNERS.find(([call]) => call.test(entry.call))?.[1];
  if (run === undefined) return { id, skip: `no runner for the call ${JSON.stringify(entry.call.slice(0, 60))}` };
  return { id, run: async () => run(entry, await bench.tensors(id), bench) };
}
