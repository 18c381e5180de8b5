// One layer's difference as the two factors of a LoRA: up [out, rank] and down [rank, in * kernel], each with the root of the singular
// values, at a rank or at the least rank that holds a share of the squares.
import type { Runtime } from "../session/session.js";
import { toFloat32 } from "../tensor/convert.js";
import type { DType } from "../tensor/dtype.js";
import { narrowValues } from "./narrow-values.js";
import type { Columns } from "./qr.js";
import { truncatedSvd } from "./truncated-svd.js";
import { loadDifference, squaredRemainder, type WeightPair } from "./weight-difference.js";

/** How much of a difference is kept: directions, or as many as hold this share of its squares (at most `most`). */
export type RankWish = { readonly rank: number } | { readonly energy: number; readonly most: number };

export interface LayerFactors {
  readonly rank: number;
  /** As they are stored. */
  readonly up: Uint8Array;
  readonly down: Uint8Array;
  /** Sum of the squares that the stored factors leave of the difference. */
  readonly remainder: number;
}

export interface LayerOptions {
  readonly runtime: Runtime;
  readonly dtype: DType;
  /** For messages. */
  readonly name: string;
  readonly signal?: AbortSignal;
}

/** Directions that are looked at first where a share is asked for. */
const FIRST_LOOK = 32;
/** Singular values below this part of the largest are what single precision made of zero. */
const ROUNDING = 3e-7;

/** @param squares of the whole difference */
export async function extractLayer(
  pair: WeightPair,
  squares: number,
  wish: RankWish,
  { runtime, dtype, name, signal }: LayerOptions,
): Promise<LayerFactors> {
  const { u, values, v } = await decomposed(pair, squares, wish, runtime, signal);
  const rank = values.length;
  const roots = values.map(Math.sqrt);
  const up = narrowValues(rowMajor(u, roots), dtype, `${name}.lora_up.weight`);
  const down = narrowValues(columnMajor(v, roots), dtype, `${name}.lora_down.weight`);
  const stored = { up: toFloat32(up, dtype), down: toFloat32(down, dtype), rank };
  return { rank, up, down, remainder: await squaredRemainder(runtime, pair, stored, signal) };
}

interface Parts {
  /** Columns of [out]. */
  readonly u: Columns;
  readonly values: readonly number[];
  /** Columns of [in * kernel]. */
  readonly v: Columns;
}

async function decomposed(
  pair: WeightPair,
  squares: number,
  wish: RankWish,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<Parts> {
  const most = "rank" in wish ? wish.rank : wish.most;
  let looked = "rank" in wish ? wish.rank : Math.min(FIRST_LOOK, wish.most);
  while (true) {
    const matrix = await loadDifference(runtime, pair, looked, signal);
    try {
      const { u, values, v } = await truncatedSvd(matrix, looked);
      const real = values.filter((value) => value > ROUNDING * values[0]!).length;
      const enough = "rank" in wish ? real : rankFor(values, wish.energy * squares);
      if (enough !== undefined || looked >= Math.min(most, matrix.rows)) {
        const kept = Math.max(1, Math.min(enough ?? real, real));
        const [left, right] = matrix.isTall ? [v, u] : [u, v];
        return { u: left.slice(0, kept), values: values.slice(0, kept), v: right.slice(0, kept) };
      }
    } finally {
      await matrix.dispose();
    }
    looked = Math.min(2 * looked, most);
  }
}

/** The least number of values whose squares reach `wanted`; undefined where all together do not. */
function rankFor(values: readonly number[], wanted: number): number | undefined {
  let sum = 0;
  const last = values.findIndex((value) => {
    sum += value * value;
    return sum >= wanted;
  });
  return last < 0 ? undefined : last + 1;
}

/** [length, rank] */
function rowMajor(columns: Columns, by: readonly number[]): Float32Array {
  const values = new Float32Array(columns[0]!.length * columns.length);
  columns.forEach((column, j) => {
    for (let i = 0; i < column.length; i++) values[i * columns.length + j] = column[i]! * by[j]!;
  });
  return values;
}

/** [rank, length] */
function columnMajor(columns: Columns, by: readonly number[]): Float32Array {
  const values = new Float32Array(columns[0]!.length * columns.length);
  columns.forEach((column, j) => {
    values.set(
      column.map((x) => x * by[j]!),
      j * column.length,
    );
  });
  return values;
}
