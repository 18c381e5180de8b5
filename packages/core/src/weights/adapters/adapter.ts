// What an adapter file is once parsed: plain data, one delta a parameter, little read but the alphas. The user's strength is no part of
// it: alpha / rank belongs to the file, strength to the request, and the two are multiplied only where a pass computes.
// Formats: LoRA (Hu et al. 2021), LoHa and LoKr (LyCORIS, Yeh et al. 2023), DoRA (Liu et al. 2024), full differences; and those that
// multiply the weight: OFT (Qiu et al. 2023), BOFT (Liu et al. 2023), GLoRA (Chavan et al. 2023), (IA)^3 (Liu et al. 2022).
import type { LazyTensor } from "../weights.js";

/** A product of two factors: a [out, r] b [r, in...]; with a core, core [i, j, kernel...] contracted with a [i, out] and b [j, in]. */
export interface Product {
  readonly a: LazyTensor;
  readonly b: LazyTensor;
  readonly core?: LazyTensor;
}

/** alpha / rank up down; down is [rank, in, kernel...], up [out, rank]. With mid (CP): down 1x1, mid [rank, rank, kernel...]. */
export interface LoraDelta {
  readonly kind: "lora";
  readonly down: LazyTensor;
  readonly up: LazyTensor;
  readonly mid?: LazyTensor;
  readonly rank: number;
  readonly alpha: number;
}

/** alpha / rank (first o second): a Hadamard product of two low-rank products. */
export interface LohaDelta {
  readonly kind: "loha";
  readonly first: Product;
  readonly second: Product;
  readonly rank: number;
  readonly alpha: number;
}

export type KroneckerFactor = { readonly whole: LazyTensor } | Product;

/** alpha / rank (first (x) second): a Kronecker product. Where both factors are whole, alpha is ignored: rank and alpha are 1. */
export interface LokrDelta {
  readonly kind: "lokr";
  readonly first: KroneckerFactor;
  readonly second: KroneckerFactor;
  readonly rank: number;
  readonly alpha: number;
}

export type ProductDelta = LoraDelta | LohaDelta | LokrDelta;

/**
 * magnitude (W + of) / |W + of| - W, the norm taken over the merged weight (LyCORIS' definition), a magnitude for each row ("out") or
 * each column ("in") of the weight.
 */
export interface DoraDelta {
  readonly kind: "dora";
  readonly of: ProductDelta;
  readonly magnitude: LazyTensor;
  readonly axis: "out" | "in";
}

/** alpha / rank (W enter leave + up down): W's inputs mixed through a rank, and a LoRA beside it. */
export interface GloraDelta {
  readonly kind: "glora";
  /** [in, rank, 1...] and [rank, in, 1...]: W's inputs are summed into the rank, and spread again. */
  readonly enter: LazyTensor;
  readonly leave: LazyTensor;
  /** Of the same rank and alpha. */
  readonly of: LoraDelta;
  readonly rank: number;
  readonly alpha: number;
}

/**
 * strength (rescale R W - W), R the product of stages of rotations within blocks of rows, each stage softened: 1 + strength (R - 1).
 * A block's rotation is Cayley's, (1 + Q)(1 - Q)^-1 with Q = B - B^T, or the block itself where `whole`; transposed where `turned`.
 */
export interface RotationDelta {
  readonly kind: "rotation";
  /** [stages, blocks, size, size]. Stage i pairs rows 2^i size / 2 apart, where there are several stages (a butterfly). */
  readonly blocks: LazyTensor;
  readonly stages: number;
  readonly count: number;
  readonly size: number;
  readonly turned: boolean;
  readonly whole: boolean;
  /** The most that |Q| over all blocks may be for each row of the weight; 0: anything. */
  readonly constraint: number;
  /** The largest |Q| of a block, the constraint left out. */
  readonly longest: number;
  /** A factor a row, [out, 1...]. */
  readonly rescale?: LazyTensor;
}

/** W o scale: a factor for each output (rows of W) or each input. */
export interface Ia3Delta {
  readonly kind: "ia3";
  readonly scale: LazyTensor;
  readonly onInput: boolean;
}

/** A difference stored whole. */
export interface DiffDelta {
  readonly kind: "diff";
  readonly difference: LazyTensor;
}

/** value - W: at strength 1 the parameter becomes `value`. */
export interface SetDelta {
  readonly kind: "set";
  readonly value: LazyTensor;
}

/** Deltas that are a product with the weight itself. */
export type MultiplyingDelta = GloraDelta | RotationDelta | Ia3Delta;

export type Delta = ProductDelta | DoraDelta | MultiplyingDelta | DiffDelta | SetDelta;

/** Whether a delta is a product with the weight, which is cheaper once than in every call of a network. */
export const multiplies = ({ kind }: Delta): boolean => kind === "glora" || kind === "rotation" || kind === "ia3";

/** One delta, and what it belongs to in the file's own spelling. */
export interface AdapterTarget {
  /** As the file spells it: `lora_unet_down_blocks_0_...`, `unet.base_model.model....` */
  readonly module: string;
  readonly parameter: "weight" | "bias";
  readonly delta: Delta;
  /** Names in the file of everything that went into it. */
  readonly keys: readonly string[];
}

export interface Adapter {
  /** A name for messages: the file's. */
  readonly name: string;
  readonly targets: readonly AdapterTarget[];
  /** Names in the file that no format knows. */
  readonly unclaimed: readonly string[];
  /** What a user should hear: no alpha, alpha of 0. One line each. */
  readonly notes: readonly string[];
}

/** A delta where it belongs in one network. */
export interface PlacedDelta {
  /** Canonical name of the module, such as `down_blocks.0.resnets.0.conv1`. */
  readonly module: string;
  readonly parameter: "weight" | "bias";
  readonly delta: Delta;
  /** The network stores the weight as [in, out]. */
  readonly transposed: boolean;
}

/** One adapter as a user asks for it. */
export interface AdapterRequest {
  readonly adapter: Adapter;
  /** Multiplies the deltas of the UNet; any finite number, 0 for none. */
  readonly strengthUnet: number;
  /** Multiplies the deltas of the text encoders. */
  readonly strengthText: number;
  /** In place of `strengthUnet`: one for each step of the run. Text is encoded once, so there is no such list for it. */
  readonly strengthSteps?: readonly number[];
  /** Further factors by canonical name or its beginning (`down_blocks.1`, `mid_block`); the longest that matches counts, else 1. */
  readonly blocks?: Readonly<Record<string, number>>;
}

/** The factor that `blocks` gives a module. */
export function blockFactor(blocks: AdapterRequest["blocks"], module: string): number {
  let best: readonly [length: number, factor: number] = [-1, 1];
  for (const [name, factor] of Object.entries(blocks ?? {})) {
    const inside = module === name || module.startsWith(`${name}.`);
    if (inside && name.length > best[0]) best = [name.length, factor];
  }
  return best[1];
}
