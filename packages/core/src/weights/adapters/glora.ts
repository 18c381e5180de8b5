// GLoRA: a low-rank product on W's inputs and one beside W (Chavan et al. 2023). LyCORIS has stored it in two ways. Before version 2:
// W a2 a1 + b2 b1 with a1, b1 [rank, in], a2 [in, rank], b2 [out, rank]; since: W a1 a2 + b1 b2, numbers exchanged, b1 with a CP middle bm
// if need be. Which it is, the shapes say; where a square layer fits both, the smaller axis is the rank, and where all axes are one length
// it is the older form, as ComfyUI takes it.
import type { LazyTensor } from "../weights.js";
import type { GloraDelta } from "./adapter.js";
import { checkedRank, checkShapes, type ModuleTensors, required } from "./module-tensors.js";

interface Factors {
  /** [in, rank], [rank, in], [out, rank] and [rank, in, kernel...]. */
  readonly enter: LazyTensor;
  readonly leave: LazyTensor;
  readonly up: LazyTensor;
  readonly down: LazyTensor;
}

const axis = ({ shape }: LazyTensor, index: number): number => shape[index] ?? 0;
const pointwise = ({ shape }: LazyTensor): boolean => shape.length >= 2 && shape.slice(2).every((size) => size === 1);

/** The rank, if all four factors have one. */
function rankOf({ enter, leave, up, down }: Factors): number | undefined {
  const rank = axis(enter, 1);
  return [axis(leave, 0), axis(up, 1), axis(down, 0)].every((size) => size === rank) ? rank : undefined;
}

/** Throws `adapter-incomplete`, `adapter-rank` or `adapter-shape`. */
export function gloraDelta(module: ModuleTensors): GloraDelta {
  const [a1, a2, b1, b2] = (["a1", "a2", "b1", "b2"] as const).map((role) => required(module, role)) as [
    LazyTensor,
    LazyTensor,
    LazyTensor,
    LazyTensor,
  ];
  const mid = module.tensors.get("bm");
  const older: Factors = { enter: a2, leave: a1, up: b2, down: b1 };
  const newer: Factors = { enter: a1, leave: a2, up: b1, down: b2 };
  const ranks = [rankOf(older), mid === undefined ? rankOf(newer) : axis(a1, 1)] as const;
  const isOlder = mid === undefined && ranks[0] !== undefined && (ranks[1] === undefined || ranks[0] <= ranks[1]);
  const factors = isOlder ? older : newer;
  const all = [a1, a2, b1, b2, ...(mid === undefined ? [] : [mid])];
  const found = isOlder ? ranks[0] : ranks[1];
  checkShapes(found !== undefined, "a1, a2, b1 and b2 of one rank", all);
  const rank = checkedRank(found, factors.enter);
  const { enter, leave, up, down } = factors;
  checkShapes(
    [enter, leave, up].every(pointwise) &&
      axis(enter, 0) === axis(leave, 1) &&
      axis(leave, 0) === rank &&
      axis(down, 1) === axis(leave, 1),
    "products on the layer's inputs: [in, rank] and [rank, in], [out, rank] and [rank, in, ...]",
    all,
  );
  if (mid !== undefined)
    checkShapes(
      mid.shape.length > 2 && axis(mid, 0) === axis(up, 1) && axis(mid, 1) === axis(down, 0) && pointwise(down),
      "bm [rank, rank, ...] between b1 [out, rank] and b2 [rank, in]",
      all,
    );
  const alpha = module.alpha(rank) ?? rank;
  return {
    kind: "glora",
    enter,
    leave,
    of: { kind: "lora", up, down, ...(mid && { mid }), rank: axis(down, 0), alpha },
    rank,
    alpha,
  };
}
