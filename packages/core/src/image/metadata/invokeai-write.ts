// Settings to InvokeAI's `invokeai_metadata` text (CoreMetadata of version 5). Names of samplers are written as they are.

import { fields, seedNumber } from "./json-build.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

/** The text; reading it gives the same settings, as far as InvokeAI has a field for them. */
export function writeInvokeAi(settings: PictureSettings): string {
  const hashes = new Map((settings.hashes ?? []).map(({ name, hash }) => [name, hash]));
  const model = (name: string, type: string) => fields({ name, hash: hashes.get(name), type });
  return writeJson(
    fields({
      app_version: settings.version,
      generation_mode: settings.denoise === undefined ? "txt2img" : "img2img",
      positive_prompt: settings.prompt,
      negative_prompt: settings.negative,
      width: settings.width,
      height: settings.height,
      seed: seedNumber(settings.seed),
      rand_device: settings.rng?.toLowerCase(),
      cfg_scale: settings.cfg,
      cfg_rescale_multiplier: settings.cfgRescale,
      steps: settings.steps,
      scheduler: settings.sampler,
      strength: settings.denoise,
      // InvokeAI counts skipped layers from 0
      clip_skip: settings.clipSkip === undefined ? undefined : settings.clipSkip - 1,
      model: settings.model === undefined ? undefined : model(settings.model, "main"),
      vae: settings.vae === undefined ? undefined : model(settings.vae, "vae"),
      loras: (settings.loras ?? []).map(({ name, strength }) =>
        fields({ model: model(name, "lora"), weight: strength }),
      ),
    }),
  );
}
