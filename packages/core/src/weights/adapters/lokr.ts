// LoKr: the Kronecker product of two factors, each whole or itself low-rank, the second optionally with a core (LyCORIS, Yeh et al. 2023).
// The rank is b's first axis also where there is a core: LyCORIS' own loader takes a's second there, which is the layer's width.
import type { KroneckerFactor, LokrDelta } from "./adapter.js";
import { checkedRank, checkShapes, type ModuleTensors, required } from "./module-tensors.js";
import { checkProduct } from "./product.js";

function factor(module: ModuleTensors, n: 1 | 2): KroneckerFactor {
  const whole = module.tensors.get(`lokr_w${n}`);
  if (whole !== undefined) {
    checkShapes(whole.shape.length >= 2, "a matrix", [whole]);
    return { whole };
  }
  const pair = { a: required(module, `lokr_w${n}_a`), b: required(module, `lokr_w${n}_b`) };
  const core = n === 2 ? module.tensors.get("lokr_t2") : undefined;
  const product = core === undefined ? pair : { ...pair, core };
  checkProduct(product);
  return product;
}

/** Throws `adapter-incomplete`, `adapter-rank` or `adapter-shape`. */
export function lokrDelta(module: ModuleTensors): LokrDelta {
  const [first, second] = [factor(module, 1), factor(module, 2)];
  const ranked = "b" in second ? second.b : "b" in first ? first.b : undefined;
  if (ranked === undefined) return { kind: "lokr", first, second, rank: 1, alpha: 1 };
  const rank = checkedRank(ranked.shape[0], ranked);
  return { kind: "lokr", first, second, rank, alpha: module.alpha(rank) ?? rank };
}
