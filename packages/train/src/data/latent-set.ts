// Encoded pictures with their captions: what the denoiser is trained on. Latents are normalised: about zero mean and unit variance.

export interface LatentSet {
  readonly count: number;
  /** [C, h, w] */
  readonly shape: readonly [number, number, number];
  /** Latents of one picture, a view. */
  latent(index: number): Float32Array;
  caption(index: number): string;
}

/** @param latents all pictures one after another */
export function latentSet(
  latents: Float32Array,
  shape: readonly [number, number, number],
  captions: readonly string[],
): LatentSet {
  const size = shape[0] * shape[1] * shape[2];
  if (latents.length !== size * captions.length)
    throw new RangeError(`${latents.length} numbers are not ${captions.length} latents of [${shape}]`);
  return {
    count: captions.length,
    shape,
    latent: (index) => latents.subarray(index * size, (index + 1) * size),
    caption: (index) => captions[index]!,
  };
}
