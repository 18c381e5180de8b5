// prompt/compel.json: prompts read and weighted as compel does, on the formula encoder and the word tokenizer that the file describes.
import {
  type ChunkShape,
  CLIP_SHAPE,
  type CompelMember,
  compelWindow,
  mixStates,
  parseCompel,
  weightStates,
} from "@fewstep/core";
import { difference, type GoldenCase } from "../golden-case.js";
import { exactly, statedBound } from "./compare.js";
import { encodeByFormula } from "./formula-encoder.js";

interface CompelFile {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly length: number;
  readonly dim: number;
  readonly bound: string;
  readonly cases: readonly {
    readonly id: string;
    readonly fragments: readonly unknown[];
    readonly conjunction_weights: readonly number[];
    readonly embedding: readonly (readonly number[])[];
  }[];
}

/** Lower-cased words and punctuation, id = 1 + (sum of (k + 1) * code_k) mod 997. */
function wordIds(text: string): readonly number[] {
  return Array.from(text.toLowerCase().matchAll(/\w+|[^\w\s]/g), ([word]) => {
    const sum = [...word].reduce((total, character, k) => total + (k + 1) * character.charCodeAt(0), 0);
    return 1 + (sum % 997);
  });
}

/** In the file's words: a list of texts with weights, or a blend of such lists. */
function described({ prompts, shares, normalise }: CompelMember): unknown {
  const lists = prompts.map((fragments) => fragments.map(({ text, weight }) => [text, weight]));
  return lists.length === 1 ? lists[0] : { blend: lists, weights: shares, normalise };
}

function states(member: CompelMember, shape: ChunkShape, dim: number): Float64Array {
  const empty = [shape.start, shape.end, ...new Array<number>(shape.length - 2).fill(shape.pad)];
  return mixStates(
    compelWindow(member, wordIds, shape).encodings.map(({ ids, weights, masked, share }) => ({
      states: weightStates("interpolate", encodeByFormula(ids, dim, masked), weights, () =>
        encodeByFormula(empty, dim),
      ),
      share,
    })),
  );
}

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const { bos, eos, pad, length, dim, bound, cases: rows } = file as CompelFile;
  const shape: ChunkShape = { ...CLIP_SHAPE, length, start: bos, end: eos, pad };
  for (const row of rows)
    yield {
      id: `${fileName} ${JSON.stringify(row.id)}`,
      run: () => {
        const members = parseCompel(row.id);
        const actual = members.flatMap((member) => [...states(member, shape, dim)]);
        return [
          exactly("texts", members.map(described), row.fragments),
          exactly(
            "conjunction weights",
            members.map(({ weight }) => weight),
            row.conjunction_weights,
          ),
          { name: "states", difference: difference(actual, row.embedding.flat()), bound: statedBound(bound) },
        ];
      },
    };
}
