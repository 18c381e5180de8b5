// All JSON goldens of sampling/: which file is read by which runner. Files of the same layout run unseen.
import type { GoldenCase } from "../golden-case.js";
import { cases as diffusers } from "./diffusers.js";
import { cases as guidance } from "./guidance.js";
import { cases as guidanceEmbedding } from "./guidance-embedding.js";
import { cases as img2img } from "./img2img.js";
import { cases as kDiffusion } from "./k-diffusion.js";
import { cases as kDiffusionSchedules } from "./k-diffusion-schedules.js";
import { cases as schedules } from "./schedules.js";

type Runner = (fileJson: unknown) => Iterable<GoldenCase>;

/** By what a file has, not by what it is called. The first that fits reads it. */
const runners: readonly (readonly [has: readonly string[], run: Runner])[] = [
  [["scheduler", "base_config", "cases"], diffusers],
  [["sampler", "cases"], kDiffusion],
  [["ancestral_steps", "cases"], kDiffusionSchedules],
  [["penultimate_dropped", "cases"], schedules],
  [["loops", "cases"], guidance],
  [["phase", "shape", "cases"], img2img],
];

/** @param fileName used for the case's name, and to tell the guidance embedding, which has no mark of its own */
export function* cases(fileJson: unknown, fileName: string): Iterable<GoldenCase> {
  const json = fileJson as { readonly cases?: readonly object[] };
  const first = json.cases?.[0] ?? {};
  const run = "embedding" in first ? guidanceEmbedding : runners.find(([has]) => has.every((key) => key in json))?.[1];
  if (run === undefined) yield { id: fileName, skip: "not a layout of the sampling goldens" };
  else for (const one of run(fileJson)) yield { ...one, id: `${fileName} ${one.id}` };
}
