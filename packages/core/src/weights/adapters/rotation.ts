// OFT and BOFT: rows of a weight rotated within blocks (Qiu et al. 2023; Liu et al. 2023), as kohya's scripts and LyCORIS store them:
// oft_blocks [blocks, size, size] or, for a butterfly of stages, [stages, blocks, size, size]; rescale [out, 1, ...]; alpha is the
// constraint, which both trainers multiply by the number of rows. OFT applies R^T, BOFT R. LyCORIS 2.0 stored R itself, as oft_diag.
import { elementCount } from "../../tensor/shape.js";
import type { RotationDelta } from "./adapter.js";
import { checkShapes, type ModuleTensors, required } from "./module-tensors.js";

/** Throws `adapter-incomplete` or `adapter-shape`. */
export function rotationDelta(module: ModuleTensors): RotationDelta {
  const whole = module.tensors.get("oft_diag");
  const blocks = whole ?? required(module, "oft_blocks");
  const rescale = module.tensors.get("rescale");
  const axes = blocks.shape.length;
  const [size = 0, width = 0] = blocks.shape.slice(-2);
  const [count = 0, stages = 1] = blocks.shape.slice(0, -2).reverse();
  checkShapes(
    (axes === 3 || (axes === 4 && whole === undefined)) && size === width && size * count * stages > 0,
    "square blocks, [blocks, size, size] or [stages, blocks, size, size]",
    [blocks],
  );
  // the last stage pairs rows 2^(stages - 1) size / 2 apart
  const butterfly = size % 2 === 0 && stages <= 31 && count % 2 ** (stages - 1) === 0;
  checkShapes(axes === 3 || butterfly, "an even size, and blocks in a multiple of 2 ^ (stages - 1)", [blocks]);
  if (rescale !== undefined)
    checkShapes(
      elementCount(rescale.shape) === size * count && rescale.shape[0] === size * count,
      `rescale of shape [${size * count}, 1, ...], a factor a row`,
      [blocks, rescale],
    );
  return {
    kind: "rotation",
    blocks,
    stages,
    count,
    size,
    turned: axes === 3,
    whole: whole !== undefined,
    constraint: module.storedAlpha ?? 0,
    longest: module.longestSkew ?? 0,
    ...(rescale && { rescale }),
  };
}
