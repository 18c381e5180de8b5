// Settings to SwarmUI's `parameters` text: JSON with `sui_image_params` and the hashes of the models.

import { fields, seedNumber } from "./json-build.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

/** The text; reading it gives the same settings, as far as SwarmUI has a field for them. */
export function writeSwarmUi(settings: PictureSettings): string {
  const { loras = [], hashes, clipSkip } = settings;
  return writeJson(
    fields({
      sui_image_params: fields({
        prompt: settings.prompt,
        negativeprompt: settings.negative,
        model: settings.model,
        images: 1,
        seed: seedNumber(settings.seed),
        steps: settings.steps,
        cfgscale: settings.cfg,
        width: settings.width,
        height: settings.height,
        sampler: settings.sampler,
        scheduler: settings.schedule,
        vae: settings.vae,
        // counted from the end, as ComfyUI does
        clipstopatlayer: clipSkip === undefined ? undefined : -clipSkip,
        loras: loras.length === 0 ? undefined : loras.map(({ name }) => name),
        loraweights: loras.length === 0 ? undefined : loras.map(({ strength }) => String(strength)),
        swarm_version: settings.version,
      }),
      sui_models: hashes?.map(({ name, hash }) => fields({ name, hash })),
    }),
  );
}
