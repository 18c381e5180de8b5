// The critic as a feature network: its maps of pictures, on which an adversarial loss trains heads of its own.
import { includeNamed, type PictureNetwork } from "@fewstep/train";
import { classifierMaps } from "../classifier/network.js";
import { criticWeight, frozenCritic, type OpenedCritic } from "./open-critic.js";

export function criticFeatures(critic: OpenedCritic): PictureNetwork {
  const mapsOf = (batch: number) => classifierMaps(critic.shape, batch);
  return {
    see: (b, tag, pictures) =>
      includeNamed(b, mapsOf(pictures.shape[0]!), { pictures }, criticWeight, `${tag}:features`),
    maps: new Map(mapsOf(1).outputs.map(({ name, value }) => [name, value.shape])),
    ...frozenCritic(critic),
  };
}
