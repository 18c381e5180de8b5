// prompt/attention.json: emphasis as A1111 and ComfyUI read it.
import { parseA1111Attention, parseComfyuiAttention, type WeightedText } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { exactly, relativeDifference, statedBound } from "./compare.js";

type Pieces = readonly (readonly [string, number])[];
interface AttentionFile {
  readonly bound: string;
  readonly cases: readonly { readonly id: string; readonly a1111: Pieces; readonly comfyui: Pieces }[];
}

const READERS = { a1111: parseA1111Attention, comfyui: parseComfyuiAttention } as const;

function checks(
  name: string,
  actual: readonly WeightedText[],
  expected: Pieces,
  bound: number,
): readonly GoldenCheck[] {
  const weights = (pieces: Pieces): readonly number[] => pieces.map(([, weight]) => weight);
  return [
    exactly(
      `${name} texts`,
      actual.map(({ text }) => text),
      expected.map(([text]) => text),
    ),
    {
      name: `${name} weights`,
      difference: relativeDifference(
        actual.map(({ weight }) => weight),
        weights(expected),
      ),
      bound,
    },
  ];
}

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const { bound, cases: rows } = file as AttentionFile;
  const limit = statedBound(bound);
  for (const row of rows)
    yield {
      id: `${fileName} ${JSON.stringify(row.id)}`,
      run: () =>
        (["a1111", "comfyui"] as const).flatMap((name) => checks(name, READERS[name](row.id), row[name], limit)),
    };
}
