// Settings to A1111's generation text, in the order stable-diffusion-webui writes its pairs (modules/processing.py, create_infotext).
// What the format cannot hold (a strength behind no tag, a seed's plan) is in the `fewstep` text beside it.

import { quotePairValue } from "./a1111-pairs.js";
import { readLoraTags, writeLoraTag } from "./lora-tags.js";
import type { NamedHash, PictureSettings } from "./settings.js";

/** The text; reading it gives the same settings. LoRAs that no tag in the prompt names are added as tags. */
export function writeA1111(settings: PictureSettings): string {
  const lines = [promptWithTags(settings)];
  if (settings.negative !== undefined && settings.negative !== "") lines.push(`Negative prompt: ${settings.negative}`);
  const pairs = pairsOf(settings).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${quotePairValue(String(value))}`],
  );
  if (pairs.length > 0) lines.push(pairs.join(", "));
  return lines.join("\n");
}

function promptWithTags({ prompt = "", loras = [] }: PictureSettings): string {
  const tagged = new Set(readLoraTags(prompt, new Map()).map(({ name }) => name));
  const missing = loras.filter(({ name }) => !tagged.has(name)).map(writeLoraTag);
  return [prompt, ...missing].filter((part) => part !== "").join(" ");
}

function pairsOf(settings: PictureSettings): readonly (readonly [string, string | number | undefined])[] {
  const { width, height, hires, loras = [], embeddings = [] } = settings;
  const loraHashes = loras.flatMap(({ name, hash }) => (hash === undefined ? [] : [{ name, hash }]));
  return [
    ["Steps", settings.steps],
    ["Sampler", settings.sampler],
    ["Schedule type", settings.schedule],
    ["CFG scale", settings.cfg],
    ["Seed", settings.seed],
    ["Size", size(width, height)],
    ["Model hash", settings.modelHash],
    ["Model", settings.model],
    ["VAE hash", settings.vaeHash],
    ["VAE", settings.vae],
    ["Denoising strength", settings.denoise],
    // 1 and GPU are what a missing pair means.
    ["Clip skip", settings.clipSkip === 1 ? undefined : settings.clipSkip],
    ["ENSD", settings.seedDelta],
    ["Variation seed", settings.subseed],
    ["Variation seed strength", settings.subseedStrength],
    ["RNG", settings.rng === "GPU" ? undefined : settings.rng],
    ["Hires sampler", hires?.sampler],
    ["Hires schedule type", hires?.schedule],
    ["Hires CFG Scale", hires?.cfg],
    ["Hires prompt", hires?.prompt],
    ["Hires negative prompt", hires?.negative],
    ["Hires upscale", hires?.scale],
    ["Hires resize", size(hires?.width, hires?.height)],
    ["Hires steps", hires?.steps],
    ["Hires upscaler", hires?.upscaler],
    ["Lora hashes", hashList(loraHashes)],
    ["TI hashes", hashList(embeddings)],
    ["CFG Rescale", settings.cfgRescale],
    ["Emphasis", settings.emphasis],
    ["Version", settings.version],
  ];
}

function size(width: number | undefined, height: number | undefined): string | undefined {
  return width === undefined || height === undefined ? undefined : `${width}x${height}`;
}

function hashList(hashes: readonly NamedHash[]): string | undefined {
  return hashes.length === 0 ? undefined : hashes.map(({ name, hash }) => `${name}: ${hash}`).join(", ");
}
