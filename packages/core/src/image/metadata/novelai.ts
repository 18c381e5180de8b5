// NovelAI's `Comment` text (versions 1 to 4) to settings. Braces strengthen by 1.05 and brackets weaken by it: the prompt is handed on
// as written. Copies hidden in the alpha channel are not read.

import { type Json, parseJson } from "./json.js";
import { isObject, numberOf, pairText, seedOf, textOf } from "./json-fields.js";
import { type PictureSettings, type Reading, said } from "./settings.js";

/** `source` is the file's `Source` text, which names the model. Undefined if the text is no object. Errors: `json-*`. */
export function readNovelAi(raw: string, source?: string): Reading | undefined {
  const json = parseJson(raw);
  if (!isObject(json)) return undefined;
  const settings = said<PictureSettings>({
    prompt: textOf(json.get("prompt")) ?? caption(json.get("v4_prompt")),
    negative: textOf(json.get("uc")) ?? caption(json.get("v4_negative_prompt")),
    steps: numberOf(json.get("steps")),
    sampler: textOf(json.get("sampler")),
    schedule: textOf(json.get("noise_schedule")),
    cfg: numberOf(json.get("scale")),
    cfgRescale: numberOf(json.get("cfg_rescale")),
    seed: seedOf(json.get("seed")),
    width: numberOf(json.get("width")),
    height: numberOf(json.get("height")),
    denoise: numberOf(json.get("strength")),
    model: source,
    loras: [],
  });
  return { tool: "novelai", raw, settings, pairs: Array.from(json, ([key, value]) => [key, pairText(value)]) };
}

/** Version 4: {caption: {base_caption, char_captions: [...]}}. */
function caption(value: Json | undefined): string | undefined {
  const inner = isObject(value) ? value.get("caption") : undefined;
  return isObject(inner) ? textOf(inner.get("base_caption")) : undefined;
}
