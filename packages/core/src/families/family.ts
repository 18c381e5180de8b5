// The model families as data. A family is what a checkpoint's structure cannot say in numbers: defaults and conventions.

export type FamilyId = "sd15" | "sd21" | "sdxl";
export type PredictionType = "epsilon" | "v" | "sample";

export interface Family {
  readonly id: FamilyId;
  readonly title: string;
  /** Pictures the published models were trained at: the default size. */
  readonly size: { readonly width: number; readonly height: number };
  /** Latents are the VAE's mean times this. */
  readonly scalingFactor: number;
  readonly prediction: PredictionType;
  readonly text: {
    /** Whether the final norm is applied to the states. */
    readonly normed: boolean;
    /** States after which layer feed the UNet at clip skip 1: counted from the end, or from the beginning. */
  } & ({ readonly skip: number } | { readonly layer: number });
  /** SDXL: an absent negative prompt is zeros, not the encoding of "" (diffusers' force_zeros_for_empty_prompt). */
  readonly zeroNegative: boolean;
}

export const families: { readonly [id in FamilyId]: Family } = {
  sd15: {
    id: "sd15",
    title: "Stable Diffusion 1.x",
    size: { width: 512, height: 512 },
    scalingFactor: 0.18215,
    prediction: "epsilon",
    text: { skip: 1, normed: true },
    zeroNegative: false,
  },
  sd21: {
    id: "sd21",
    title: "Stable Diffusion 2.x",
    size: { width: 768, height: 768 },
    scalingFactor: 0.18215,
    // the 768 models; the 512 base models predict epsilon and no file says which it is
    prediction: "v",
    text: { layer: 23, normed: true },
    zeroNegative: false,
  },
  sdxl: {
    id: "sdxl",
    title: "Stable Diffusion XL",
    size: { width: 1024, height: 1024 },
    scalingFactor: 0.13025,
    prediction: "epsilon",
    text: { skip: 2, normed: false },
    zeroNegative: true,
  },
};
