// The file names of a run's pictures, known and checked before anything is loaded: a run of an hour must not end at a name that is taken.
import { dirname, extname } from "node:path";
import { exists } from "@fewstep/core/node";
import { badOutput, checkOutputFolder, checkOutputPath } from "./check-output-path.js";
import { formatOfEnding } from "./output-format.js";

export interface OutputName {
  readonly path: string;
  /** Of the picture so far, where previews are written. */
  readonly previewPath: string;
}

export interface OutputRequest {
  /** A path; `{seed}`, `{subseed}` and `{prompt}` (its number, from 1) stand for themselves or are added where they are needed. */
  readonly out: string;
  readonly prompts: number;
  readonly seeds: readonly bigint[];
  /** Of variations, whose seed is one: `{subseed}` stands for each. */
  readonly subseeds?: readonly string[];
}

/** Previews are small and many: a format that needs no package. */
const PREVIEW_ENDING = ".png";

/** A name for each prompt and seed. @throws FewstepError `bad-output` */
export function outputNames({ out, prompts, seeds, subseeds }: OutputRequest): readonly (readonly OutputName[])[] {
  const ending = extname(out);
  if (formatOfEnding(ending) === undefined) {
    throw badOutput(
      out,
      "a file name that ends in .png, .jpg, .jpeg or .webp",
      "PNG needs nothing; JPEG and WebP need the sharp package",
    );
  }
  const width = String(prompts).length;
  const mark = subseeds === undefined ? "{seed}" : "{subseed}";
  const added = `${prompts > 1 && !out.includes("{prompt}") ? "-{prompt}" : ""}${
    seeds.length > 1 && !out.includes(mark) ? `-${mark}` : ""
  }`;
  const stem = out.slice(0, -ending.length) + added;
  return Array.from({ length: prompts }, (_, prompt) =>
    seeds.map((seed, picture) => {
      const name = stem
        .replaceAll("{prompt}", String(prompt + 1).padStart(width, "0"))
        .replaceAll("{seed}", String(seed))
        .replaceAll("{subseed}", subseeds?.[picture] ?? String(seed));
      return { path: name + ending, previewPath: `${name}.preview${PREVIEW_ENDING}` };
    }),
  );
}

interface OutputChecks {
  readonly force: boolean;
  readonly previews: boolean;
}

/** A run that names no output makes fewstep.png, or the first of fewstep-2.png, fewstep-3.png ... of which no file is there. */
export async function freeOut(request: Omit<OutputRequest, "out">, { force, previews }: OutputChecks): Promise<string> {
  for (let n = 1; ; n++) {
    const out = n === 1 ? "fewstep.png" : `fewstep-${n}.png`;
    const paths = outputNames({ out, ...request }).flat();
    const taken = await Promise.all(
      paths.flatMap(({ path, previewPath }) => (previews ? [path, previewPath] : [path])).map((path) => exists(path)),
    );
    if (force || !taken.includes(true)) return out;
  }
}

/** @throws FewstepError `output-exists`, `bad-output` */
export async function checkOutputs(
  names: readonly (readonly OutputName[])[],
  { force, previews }: OutputChecks,
): Promise<void> {
  const all = names.flat();
  for (const folder of new Set(all.map(({ path }) => dirname(path)))) await checkOutputFolder(folder);
  for (const { path, previewPath } of all) {
    for (const one of previews ? [path, previewPath] : [path]) await checkOutputPath(one, force);
  }
}
