// LoHa: the Hadamard product of two low-rank products, for convolutions optionally with cores t1, t2 (LyCORIS, Yeh et al. 2023).
import type { LohaDelta, Product } from "./adapter.js";
import { checkedRank, checkShapes, type ModuleTensors, required } from "./module-tensors.js";
import { checkProduct, productSize } from "./product.js";

/** Throws `adapter-incomplete`, `adapter-rank` or `adapter-shape`. */
export function lohaDelta(module: ModuleTensors): LohaDelta {
  const side = (n: 1 | 2): Product => {
    const core = module.tensors.get(`hada_t${n}`);
    const pair = { a: required(module, `hada_w${n}_a`), b: required(module, `hada_w${n}_b`) };
    return core === undefined ? pair : { ...pair, core };
  };
  const [first, second] = [side(1), side(2)];
  for (const product of [first, second]) checkProduct(product);
  const rank = checkedRank(first.b.shape[0], first.b);
  const [one, two] = [productSize(first), productSize(second)];
  checkShapes(one.out === two.out && `${one.inner}` === `${two.inner}`, "two products of one shape", [
    first.a,
    first.b,
    second.a,
    second.b,
  ]);
  return { kind: "loha", first, second, rank, alpha: module.alpha(rank) ?? rank };
}
