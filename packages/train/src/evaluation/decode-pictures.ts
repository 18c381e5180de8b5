// Normalised latents -> 8-bit pictures by a trained decoder.
import { type Tensor, type VaeConfig, vaeDecoder } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { evaluate } from "../program/evaluate.js";
import type { StepRunner } from "../program/program.js";

export interface PictureDecoder {
  /** Pixels RGB, 8 bits, of each picture. */
  decode(runner: StepRunner, latents: Tensor, signal?: AbortSignal): Promise<readonly Uint8Array[]>;
}

/** @param resident holds the normalised autoencoder; latents are divided by `scalingFactor` before decoding. */
export function pictureDecoder(
  config: VaeConfig,
  layout: FlatLayout,
  resident: string,
  shape: { readonly batch: number; readonly height: number; readonly width: number },
  scalingFactor: number,
): PictureDecoder {
  const program = evaluate("decode", vaeDecoder(config, shape), [{ resident, layout, prefix: "" }]);
  const area = 64 * shape.height * shape.width;
  return {
    async decode(runner, latents, signal) {
      const data = Float32Array.from(latents.data as Float32Array, (x) => x / scalingFactor);
      const { image } = await runner.run(program, { latents: { dtype: "f32", shape: latents.shape, data } }, signal);
      const values = image!.data as Float32Array;
      return Array.from({ length: shape.batch }, (_, n) =>
        Uint8Array.from({ length: 3 * area }, (_, i) => {
          const value = values[(n * 3 + (i % 3)) * area + Math.floor(i / 3)]!;
          return Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
        }),
      );
    },
  };
}
