// InvokeAI's `invokeai_metadata` text (CoreMetadata, versions 3 to 5) to settings. Its graph and workflow texts are not read.

import { type Json, type JsonObject, parseJson } from "./json.js";
import { isList, isObject, numberOf, pairText, seedOf, textOf } from "./json-fields.js";
import { type NamedHash, type PictureSettings, type Reading, said, type UsedLora } from "./settings.js";

/** Undefined if the text is no object. Errors: `json-*`. */
export function readInvokeAi(raw: string): Reading | undefined {
  const json = parseJson(raw);
  if (!isObject(json)) return undefined;
  const loras = (isList(json.get("loras")) ? (json.get("loras") as readonly Json[]) : []).filter(isObject);
  const models = [json.get("model"), ...loras.map(modelField), json.get("vae")].filter(isObject);
  const settings = said<PictureSettings>({
    prompt: textOf(json.get("positive_prompt")),
    negative: textOf(json.get("negative_prompt")),
    steps: numberOf(json.get("steps")),
    sampler: textOf(json.get("scheduler")),
    cfg: numberOf(json.get("cfg_scale")),
    cfgRescale: numberOf(json.get("cfg_rescale_multiplier")),
    seed: seedOf(json.get("seed")),
    width: numberOf(json.get("width")),
    height: numberOf(json.get("height")),
    model: modelName(json.get("model")),
    vae: modelName(json.get("vae")),
    denoise: numberOf(json.get("strength")),
    // InvokeAI counts skipped layers from 0; 1 is the last layer here.
    clipSkip: addOne(numberOf(json.get("clip_skip"))),
    rng: textOf(json.get("rand_device"))?.toUpperCase(),
    loras: loras.flatMap(readLora),
    hashes: models.flatMap(readHash),
    version: textOf(json.get("app_version")),
  });
  return { tool: "invokeai", raw, settings, pairs: Array.from(json, ([key, value]) => [key, pairText(value)]) };
}

/** Version 3 named the field "lora", later ones "model". */
function modelField(lora: JsonObject): Json | undefined {
  return lora.get("model") ?? lora.get("lora");
}

/** Version 3 wrote `model_name`, later ones `name`. */
function modelName(model: Json | undefined): string | undefined {
  return isObject(model) ? textOf(model.get("name") ?? model.get("model_name")) : undefined;
}

function readLora(lora: JsonObject): readonly UsedLora[] {
  const [name, strength] = [modelName(modelField(lora)), numberOf(lora.get("weight"))];
  return name === undefined || strength === undefined ? [] : [{ name, strength }];
}

function readHash(model: JsonObject): readonly NamedHash[] {
  const [name, hash] = [modelName(model), textOf(model.get("hash"))];
  return name === undefined || hash === undefined ? [] : [{ name, hash }];
}

function addOne(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value + 1;
}
