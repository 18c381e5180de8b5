// Starting from a picture: what a request says of it (the picture itself included), and what a plan keeps, which is plain JSON.
import { FewstepError } from "../errors.js";
import type { Mask } from "../image/mask.js";
import type { Pixels, Planes } from "../image/pixels.js";

/** A picture that pixels or float planes in [-1, 1] hold. */
export type GivenPicture = Pixels | Planes;

/**
 * What becomes of a picture of another size than the one that is made. `stretch`: every side by itself, as diffusers does; `cover`: made as
 * large as needed, and what is too much cut off on both sides; `exact`: refused. Planes are never resized.
 */
export type PictureFit = "stretch" | "cover" | "exact";

export interface InitRequest {
  readonly picture: GivenPicture;
  /** Part of the steps that is made, 0 to 1. Default 0.8, with a mask 1. */
  readonly strength?: number;
  /** Default `stretch`. */
  readonly fit?: PictureFit;
  /** How the VAE's distribution is read: one `sample` of it (default, as diffusers and A1111 do) or its `mean` (ComfyUI), which draws nothing. */
  readonly encode?: "sample" | "mean";
}

export interface MaskRequest {
  /** Of the picture's own size. */
  readonly mask: Mask;
  /** Which side is painted anew: values towards 1, white (default), or towards 0, black. */
  readonly paint?: "white" | "black";
  /** Standard deviation in pixels by which the mask is softened. Default 0. Steps use it cut at a half; `paste` uses it as it is. */
  readonly blur?: number;
  /** Puts the picture's own pixels back where nothing is painted. Default false, as diffusers: they come from the decoder then. */
  readonly paste?: boolean;
}

export interface InitPlan {
  readonly strength: number;
  readonly fit: PictureFit;
  readonly encode: "sample" | "mean";
}

export interface MaskPlan {
  readonly paint: "white" | "black";
  readonly blur: number;
  readonly paste: boolean;
}

/** The pictures that a plan, being plain JSON, only speaks of. */
export interface GivenPictures {
  readonly init?: GivenPicture;
  readonly mask?: Mask;
}

/** Far beyond any softening: half a picture of 2048. */
const MAX_BLUR = 1024;
const STRENGTH = 0.8;

/** @throws FewstepError `mask-needs-a-picture`, `bad-blur` */
export function planPictures(
  init: InitRequest | undefined,
  mask: MaskRequest | undefined,
): { readonly init: InitPlan | undefined; readonly mask: MaskPlan | undefined } {
  if (init === undefined) {
    if (mask === undefined) return { init, mask };
    throw new FewstepError({
      code: "mask-needs-a-picture",
      message: "a mask says which part of a picture is painted anew, and there is no picture",
      hint: "give the picture as init, or leave the mask out",
    });
  }
  const blur = mask?.blur ?? 0;
  if (!(blur >= 0 && blur <= MAX_BLUR)) {
    throw new FewstepError({
      code: "bad-blur",
      message: "the mask's blur is not possible",
      found: String(blur),
      expected: `0 to ${MAX_BLUR} pixels`,
    });
  }
  return {
    init: {
      strength: init.strength ?? (mask === undefined ? STRENGTH : 1),
      fit: init.fit ?? "stretch",
      encode: init.encode ?? "sample",
    },
    mask: mask && { paint: mask.paint ?? "white", blur, paste: mask.paste ?? false },
  };
}

/** The side of what is made from a picture's side: the multiple of 8 below it, as diffusers takes it. */
export function sideFromPicture(side: number): number {
  return Math.max(8, side - (side % 8));
}

/** The pictures of a request. */
export function picturesOf(request: { readonly init?: InitRequest; readonly mask?: MaskRequest }): GivenPictures {
  return {
    ...(request.init && { init: request.init.picture }),
    ...(request.mask && { mask: request.mask.mask }),
  };
}
