// --vae: an autoencoder from a file of its own or from a checkpoint, as the flat vector that the trainer works with.
import { FewstepError, openSafetensors, partsOf, type VaeConfig, type VaePart } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import { type FlatLayout, readVector, vaeLayout } from "@fewstep/train";

export interface LoadedVae {
  readonly config: VaeConfig;
  readonly layout: FlatLayout;
  readonly vector: Float32Array;
}

/** Throws `no-autoencoder`, `weight-missing`, `weight-shape`, and the codes of openSafetensors. */
export async function openVae(path: string, signal: AbortSignal): Promise<LoadedVae> {
  const source = await openFile(path);
  const { weights } = await openSafetensors(source, signal);
  const { vae } = partsOf(weights);
  if (vae === undefined)
    throw new FewstepError({
      code: "no-autoencoder",
      message: `${source.name} holds no autoencoder`,
      expected: "a VAE file, or a checkpoint with one",
      hint: "train one with `fewstep train vae`",
    });
  return loadVae(vae, signal);
}

export async function loadVae({ config, weights }: VaePart, signal: AbortSignal): Promise<LoadedVae> {
  const layout = vaeLayout(config);
  return { config, layout, vector: await readVector(layout, weights, signal) };
}
