// LoRA on linear layers and convolutions (LoCon), with or without a CP middle: alpha / rank up (mid) down.
import type { LoraDelta } from "./adapter.js";
import { checkedRank, checkShapes, type ModuleTensors, required } from "./module-tensors.js";

/** Throws `adapter-incomplete`, `adapter-rank` or `adapter-shape`. */
export function loraDelta(module: ModuleTensors): LoraDelta {
  const down = required(module, "down");
  const up = required(module, "up");
  const mid = module.tensors.get("mid");
  const rank = checkedRank(down.shape[0], down);
  checkShapes(down.shape.length >= 2, "down of shape [rank, in, ...]", [down]);
  checkShapes(
    up.shape.length >= 2 && up.shape.slice(2).every((axis) => axis === 1),
    "up of shape [out, rank] or [out, rank, 1, 1]",
    [up],
  );
  if (mid === undefined) {
    checkShapes(up.shape[1] === rank, `up of rank ${rank}`, [down, up]);
    return { kind: "lora", down, up, rank, alpha: module.alpha(rank) ?? rank };
  }
  checkShapes(
    mid.shape.length > 2 &&
      mid.shape[0] === up.shape[1] &&
      mid.shape[1] === rank &&
      down.shape.slice(2).every((axis) => axis === 1),
    "down [rank, in, 1, 1], mid [rank, rank, ...] and up [out, rank, 1, 1]",
    [down, mid, up],
  );
  return { kind: "lora", down, up, mid, rank, alpha: module.alpha(rank) ?? rank };
}
