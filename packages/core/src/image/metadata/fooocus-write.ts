// Settings to Fooocus' own scheme: JSON under `parameters`, lists and sizes as Python text. Definition: Fooocus, modules/meta_parser.py.

import { fields } from "./json-build.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

/** The text; it goes with a second one, `fooocus_scheme`: `fooocus`. */
export function writeFooocus(settings: PictureSettings): string {
  const { width, height, styles, loras = [] } = settings;
  return writeJson(
    fields({
      prompt: settings.prompt,
      negative_prompt: settings.negative,
      styles: styles === undefined ? undefined : `[${styles.map(quoted).join(", ")}]`,
      performance: settings.preset,
      steps: settings.steps,
      resolution: width === undefined || height === undefined ? undefined : `(${width}, ${height})`,
      guidance_scale: settings.cfg,
      base_model: settings.model,
      base_model_hash: settings.modelHash,
      clip_skip: settings.clipSkip,
      sampler: settings.sampler,
      scheduler: settings.schedule,
      vae: settings.vae,
      seed: settings.seed,
      loras: loras.map(({ name, strength, hash }) => [name, strength, ...(hash === undefined ? [] : [hash])]),
      metadata_scheme: "fooocus",
      version: settings.version,
    }),
  );
}

/** A string as Python writes it. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`;
}
