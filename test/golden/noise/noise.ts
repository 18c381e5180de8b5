// All JSON goldens of noise/: which file is read by which runner, by what its library is.
import type { GoldenCase } from "../golden-case.js";
import { cases as brownianTree } from "./brownian-tree.js";
import { cases as numpy } from "./numpy.js";
import { cases as philox } from "./philox.js";
import { cases as torchCpu } from "./torch-cpu.js";

/** By a key of the first case, or of the file. */
const runners: readonly (readonly [key: string, run: (fileJson: unknown) => Iterable<GoldenCase>])[] = [
  ["spans", brownianTree],
  ["words", philox],
  ["semantics", torchCpu],
  ["seed", numpy],
];

export function* cases(fileJson: unknown, fileName: string): Iterable<GoldenCase> {
  const json = fileJson as { readonly cases?: readonly object[] };
  const first = json.cases?.[0] ?? {};
  const run = runners.find(([key]) => key in json || key in first)?.[1];
  if (run === undefined) yield { id: fileName, skip: "not a layout of the noise goldens" };
  else for (const one of run(fileJson)) yield { ...one, id: `${fileName} ${one.id}` };
}
