// What a picture looks like so far: a linear map of the latents to colours (one pixel a latent, at no cost), or TAESD's decoding.
import { FewstepError } from "../errors.js";
import type { FamilyId } from "../families/family.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { LATENT_FORMATS, type LatentFormat } from "../image/latent-format.js";
import { type Pixels, planesToPixels } from "../image/pixels.js";
import { previewLatents } from "../image/preview.js";
import type { Runtime } from "../session/session.js";
import type { LatentSize } from "./latent-size.js";
import { PictureDecoder } from "./picture-decoder.js";

export type PreviewKind = "latents" | "taesd";

/** Makes a preview of denoised latents [channels, height, width]. */
export interface Previewer {
  preview(denoised: Float32Array, size: LatentSize, signal?: AbortSignal): Promise<Pixels>;
  dispose(): Promise<void>;
}

const FORMATS: Readonly<Record<FamilyId, LatentFormat>> = {
  sd15: LATENT_FORMATS.sd1,
  sd21: LATENT_FORMATS.sd1,
  sdxl: LATENT_FORMATS.sdxl,
};

export function latentPreviewer(family: FamilyId): Previewer {
  return {
    preview: async (denoised, { width, height }) => previewLatents(denoised, width, height, FORMATS[family]),
    dispose: async () => {},
  };
}

/** Loads the decoder with the first preview of a size. @throws FewstepError `preview-needs-taesd` without a TAESD */
export function taesdPreviewer(runtime: Runtime, part: TaesdPart | undefined, casts: CastPolicy): Previewer {
  if (part === undefined) {
    throw new FewstepError({
      code: "preview-needs-taesd",
      message: "previews by TAESD need a TAESD file",
      hint: "give one with --taesd FILE, or preview the latents",
    });
  }
  let held: { readonly key: string; readonly decoder: PictureDecoder } | undefined;
  return {
    async preview(denoised, size, signal) {
      const key = JSON.stringify(size);
      if (held?.key !== key) {
        await held?.decoder.dispose();
        const options = { casts, tile: 0, ...(signal && { signal }) };
        held = { key, decoder: await PictureDecoder.load(runtime, { kind: "taesd", part }, size, options) };
      }
      return planesToPixels(await held.decoder.decode(denoised, signal));
    },
    async dispose() {
      await held?.decoder.dispose();
      held = undefined;
    },
  };
}
