// SwarmUI's `parameters` text: JSON with `sui_image_params`, the hashes of its models and facts of the run.

import { type Json, type JsonObject, parseJson } from "./json.js";
import { isList, isObject, numberOf, pairText, seedOf, textOf, textsOf } from "./json-fields.js";
import { type NamedHash, type PictureSettings, type Reading, said, type UsedLora } from "./settings.js";

/** Undefined if the text has no `sui_image_params`. Errors: `json-*`. */
export function readSwarmUi(raw: string): Reading | undefined {
  const json = parseJson(raw);
  const params = isObject(json) ? json.get("sui_image_params") : undefined;
  if (!isObject(json) || !isObject(params)) return undefined;
  const settings = said<PictureSettings>({
    prompt: textOf(params.get("prompt")),
    negative: textOf(params.get("negativeprompt")),
    steps: numberOf(params.get("steps")),
    sampler: textOf(params.get("sampler")),
    schedule: textOf(params.get("scheduler")),
    cfg: numberOf(params.get("cfgscale")),
    seed: seedOf(params.get("seed")),
    width: numberOf(params.get("width")),
    height: numberOf(params.get("height")),
    model: textOf(params.get("model")),
    vae: textOf(params.get("vae")),
    // SwarmUI counts from the end as ComfyUI does: -1 is the last layer.
    clipSkip: negated(numberOf(params.get("clipstopatlayer"))),
    loras: readLoras(params),
    hashes: readHashes(json.get("sui_models")),
    version: textOf(params.get("swarm_version")),
  });
  return { tool: "swarmui", raw, settings, pairs: Array.from(params, ([key, value]) => [key, pairText(value)]) };
}

/** Two lists side by side; a LoRA without a weight has 1. */
function readLoras(params: JsonObject): readonly UsedLora[] {
  const weights = isList(params.get("loraweights")) ? (params.get("loraweights") as readonly Json[]) : [];
  return (textsOf(params.get("loras")) ?? []).map((name, i) => ({ name, strength: numberOf(weights[i]) ?? 1 }));
}

/** SHA-256 of the tensor data, written with 0x. */
function readHashes(value: Json | undefined): readonly NamedHash[] | undefined {
  if (!isList(value)) return undefined;
  return value.filter(isObject).flatMap((model) => {
    const [name, hash] = [textOf(model.get("name")), textOf(model.get("hash"))];
    return name === undefined || hash === undefined ? [] : [{ name, hash }];
  });
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}
