// The options that only `fewstep train vae` has, and which of them go together.
import type { Command } from "commander";
import { named, type OptionRule } from "./option-rules.js";
import { pixels, weight } from "./parse-training-values.js";

export interface VaeOnlyOptions {
  /** Side of a crop. */
  readonly crop: number;
  readonly decoderOnly?: boolean;
  /** Weight of the patch discriminator's loss. */
  readonly patchCritic?: number;
  /** Of the latents' own deviation. */
  readonly latentNoise?: number;
}

export const addVaeOptions = (command: Command): Command =>
  command
    .option("--crop <pixels>", "side of a crop", pixels("crop"), 64)
    .option("--start <file>", "the autoencoder of the same sizes to go on from; default: nothing")
    .option("--decoder-only", "leave the encoder of --start as it is: what models learned of its latents stays right")
    .option(
      "--patch-critic <x>",
      "with --decoder-only: weight of a critic that tells drawn patches from decoded ones, for sharp outlines; default 0",
      weight("patch-critic"),
    )
    .option(
      "--latent-noise <x>",
      "with --decoder-only: most noise on the latents, in their deviations, so that what models sample is drawn clean; default 0",
      weight("latent-noise"),
    );

const decoderOptions = ({ patchCritic, latentNoise }: VaeOnlyOptions) =>
  named(["patch-critic", patchCritic], ["latent-noise", latentNoise]);

export const VAE_RULES: readonly OptionRule<VaeOnlyOptions & { readonly start?: string }>[] = [
  {
    broken: ({ decoderOnly, start }) => decoderOnly === true && start === undefined,
    why: "a decoder alone has nothing to decode",
    found: () => "--decoder-only",
    expected: "--start FILE with it",
  },
  {
    broken: (options) => options.decoderOnly !== true && decoderOptions(options).length > 0,
    why: "they would pull the encoder's latents too, which the divergence alone holds",
    found: (options) => decoderOptions(options).join(" "),
    expected: "--decoder-only with them",
  },
];
