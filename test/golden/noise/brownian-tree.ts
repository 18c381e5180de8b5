// noise/brownian-tree.json: torchsde's tree over sigma, spans asked for in the file's order from one tree.
import { createBrownianTree } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { checkValues, parseBound } from "../stored-bound.js";

interface StoredCase {
  readonly id: string;
  readonly seed: number;
  readonly sigmas: readonly number[];
  readonly shape: readonly number[];
  readonly spans: readonly { readonly sigma: number; readonly next: number; readonly noise: readonly number[] }[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, cases: stored } = file as { bound: string; cases: readonly StoredCase[] };
  const limit = parseBound(bound);
  for (const one of stored) {
    const tree = createBrownianTree({
      seed: BigInt(one.seed),
      sigmaMin: Math.min(...one.sigmas.filter((sigma) => sigma > 0)),
      sigmaMax: Math.max(...one.sigmas),
      count: one.shape.reduce((product, size) => product * size, 1),
      precision: "float64",
    });
    yield {
      id: one.id,
      run: () =>
        one.spans.map(({ sigma, next, noise }) => checkValues(`${sigma} to ${next}`, tree(sigma, next), noise, limit)),
    };
  }
}
