// How each family's autoencoder scales its latents, and a linear map from latents to colours for previews. Data; preview.ts uses it.
// Sources: scaling_factor of the published diffusers VAE configs; preview matrices of ComfyUI, comfy/latent_formats.py (classes SD15, SDXL).

export type LatentFormat = {
  readonly channels: number;
  /** Pixels a side for one latent. */
  readonly pixelsPerLatent: number;
  /** Latents of the sampler = latents of the autoencoder times this. */
  readonly scalingFactor: number;
  readonly preview: {
    /** A row for each latent channel: its share of red, green, blue; the sum lies in [-1, 1]. */
    readonly matrix: readonly (readonly [number, number, number])[];
    readonly bias: readonly [number, number, number];
  };
};

/** SD1.x and SD2.x. */
const SD1: LatentFormat = {
  channels: 4,
  pixelsPerLatent: 8,
  scalingFactor: 0.18215,
  preview: {
    matrix: [
      [0.3512, 0.2297, 0.3227],
      [0.325, 0.4974, 0.235],
      [-0.2829, 0.1762, 0.2721],
      [-0.212, -0.2616, -0.7177],
    ],
    bias: [0, 0, 0],
  },
};

const SDXL: LatentFormat = {
  channels: 4,
  pixelsPerLatent: 8,
  scalingFactor: 0.13025,
  preview: {
    matrix: [
      [0.3651, 0.4232, 0.4341],
      [-0.2533, -0.0042, 0.1068],
      [0.1076, 0.1111, -0.0362],
      [-0.3165, -0.2492, -0.2188],
    ],
    bias: [0.1084, -0.0175, -0.0011],
  },
};

export const LATENT_FORMATS = { sd1: SD1, sdxl: SDXL } as const;
