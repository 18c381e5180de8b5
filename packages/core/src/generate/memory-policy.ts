// When a run holds all its networks at once, and when a picture is decoded in tiles: decisions of memory against time.

/** Files beyond this are not kept mapped and loaded all at once. */
export const KEEP_ALL_BYTES = 4e9;
/** Larger latents are decoded in tiles: 768x768 pixels. */
export const WHOLE_LATENTS = 96 * 96;
/** Side of a tile in latents. */
export const TILE = 64;
/** From so many calls of the UNet on, folding adapters into its weights is quicker than branches: SD1.5 at rank 64, 512x512. */
export const FOLD_CALLS = 60;
