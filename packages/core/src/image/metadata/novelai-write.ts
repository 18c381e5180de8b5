// Settings to NovelAI's `Comment` text. The model's name stands in the file's `Source`.

import { fields, seedNumber } from "./json-build.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

/** The text; it goes with `Software`: `NovelAI`, and with the model as `Source`. */
export function writeNovelAi(settings: PictureSettings): string {
  return writeJson(
    fields({
      prompt: settings.prompt,
      steps: settings.steps,
      height: settings.height,
      width: settings.width,
      scale: settings.cfg,
      cfg_rescale: settings.cfgRescale,
      seed: seedNumber(settings.seed),
      noise_schedule: settings.schedule,
      sampler: settings.sampler,
      strength: settings.denoise,
      uc: settings.negative,
    }),
  );
}
