// What a pipeline tells while it works: networks come and go, steps are made, pictures are ready.
import type { Pixels, Planes } from "../image/pixels.js";
import type { SamplingRow } from "../sampling/sampling-plan.js";
import type { PromptNote } from "../text/prompt-plan.js";

export type Stage = "text" | "encoder" | "unet" | "decoder";

export type LoadingEvent =
  | { readonly kind: "loading"; readonly stage: Stage }
  | { readonly kind: "loaded"; readonly stage: Stage; readonly seconds: number };

export type GenerateEvent =
  | LoadingEvent
  | { readonly kind: "note"; readonly note: PromptNote }
  | {
      readonly kind: "step";
      /** Which picture, from 0. */
      readonly picture: number;
      /** 1, or 2 in the second pass of `hires`, whose steps count anew. */
      readonly pass: 1 | 2;
      readonly index: number;
      readonly of: number;
      readonly row: SamplingRow;
      /** Latents after the step in the plan's units, and the picture the network sees at signal scale 1. */
      readonly latents: Float32Array;
      readonly denoised: Float32Array;
      /** What the sampler made of the step where `latents` have the kept part of a masked picture put back. */
      readonly stepped?: Float32Array;
      readonly seconds: number;
    }
  /** The picture so far, behind its step; only where previews are asked for. */
  | { readonly kind: "preview"; readonly picture: number; readonly index: number; readonly pixels: Pixels }
  | { readonly kind: "decoding"; readonly picture: number; readonly tiles: number }
  | { readonly kind: "picture"; readonly picture: number; readonly seed: string; readonly result: Picture };

export interface Picture {
  readonly pixels: Pixels;
  /** In [-1, 1], not clamped. */
  readonly planes: Planes;
  readonly latents: Float32Array;
}
