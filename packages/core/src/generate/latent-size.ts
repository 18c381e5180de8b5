// Size of one picture's latents.

export interface LatentSize {
  readonly height: number;
  readonly width: number;
}
