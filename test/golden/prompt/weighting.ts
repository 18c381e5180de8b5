// prompt/weighting.json: what weights do to states, on the formula encoder.
import { interpolateRows, scaleRows, scaleRowsKeepMean } from "@fewstep/core";
import { difference, type GoldenCase } from "../golden-case.js";
import { statedBound } from "./compare.js";
import { encodeByFormula } from "./formula-encoder.js";

type Nested = readonly number[] | readonly Nested[];
interface WeightingFile {
  readonly dim: number;
  readonly bound: string;
  readonly cases: readonly ({ readonly id: string; readonly ids: Nested; readonly weights: Nested } & Readonly<
    Record<string, unknown>
  >)[];
}

const flat = (nested: unknown): readonly number[] =>
  (Array.isArray(nested) ? nested.flat(Number.POSITIVE_INFINITY) : [nested]) as readonly number[];
const mean = (states: Float64Array): readonly number[] => [
  states.reduce((sum: number, value: number) => sum + value, 0) / states.length,
];

/** The empty window of the file's length: the start, then ends. */
function emptyIds(ids: readonly number[]): readonly number[] {
  return ids.map((_, place) => (place === 0 ? ids[0]! : ids.at(-1)!));
}

/** By the key of a case: what makes the numbers that stand there. */
const MAKERS: Readonly<
  Record<string, (states: Float64Array, weights: readonly number[], empty: Float64Array) => ArrayLike<number>>
> = {
  a1111_no_norm: scaleRows,
  a1111_original: scaleRowsKeepMean,
  comfyui: interpolateRows,
  mean_before: (states) => mean(states),
  mean_after: (states, weights) => mean(scaleRows(states, weights)),
};

export function* cases(file: unknown, fileName: string): Iterable<GoldenCase> {
  const { dim, bound, cases: rows } = file as WeightingFile;
  for (const { id, ids, weights, note: _, ...expected } of rows)
    yield {
      id: `${fileName} ${id}`,
      run: () => {
        const batch = (Array.isArray(ids[0]) ? ids : [ids]) as readonly (readonly number[])[];
        const states = Float64Array.from(batch.flatMap((row) => [...encodeByFormula(row, dim)]));
        const empty = encodeByFormula(emptyIds(batch[0]!), dim);
        return Object.entries(expected).map(([name, value]) => {
          const make = MAKERS[name];
          if (make === undefined) throw new RangeError(`nothing makes ${name}`);
          return {
            name,
            difference: difference(make(states, flat(weights), empty), flat(value)),
            bound: statedBound(bound),
          };
        });
      },
    };
}
