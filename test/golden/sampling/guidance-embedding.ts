// sampling/guidance-embedding.json: the vector that tells a guidance-distilled UNet its scale.
import { guidanceEmbedding } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { checkValues, parseBound } from "../stored-bound.js";

interface StoredFile {
  readonly bound: string;
  readonly cases: readonly {
    readonly guidance_scale: number;
    readonly w: number;
    readonly embedding: readonly number[];
  }[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, cases: stored } = file as StoredFile;
  for (const { guidance_scale: scale, w, embedding } of stored) {
    const actual = guidanceEmbedding(scale, embedding.length);
    yield {
      id: `scale ${scale}`,
      run: () => [
        checkValues("w", [scale - 1], [w], parseBound(bound)),
        checkValues("embedding", actual, embedding, parseBound(bound)),
      ],
    };
  }
}
