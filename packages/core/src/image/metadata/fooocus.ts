// Fooocus' own scheme: a JSON object in `parameters`, tuples and lists stored as Python text. Its "a1111" scheme is read by a1111.ts.
// Definition: Fooocus, modules/meta_parser.py.

import { FewstepError } from "../../errors.js";
import { type Json, type JsonObject, parseJson } from "./json.js";
import { isList, isObject, numberOf, pairText, seedOf, textOf, textsOf } from "./json-fields.js";
import { type PictureSettings, type Reading, said, type UsedLora } from "./settings.js";

/** Undefined if the text is no such object. Errors: `json-*`. */
export function readFooocus(raw: string): Reading | undefined {
  const json = parseJson(raw);
  if (!isObject(json)) return undefined;
  const [width, height] = asList(literal(json.get("resolution")));
  const settings = said<PictureSettings>({
    prompt: textOf(json.get("prompt")),
    negative: textOf(json.get("negative_prompt")),
    steps: numberOf(json.get("steps")),
    sampler: textOf(json.get("sampler")),
    schedule: textOf(json.get("scheduler")),
    cfg: numberOf(json.get("guidance_scale")),
    seed: seedOf(json.get("seed")),
    width: numberOf(width),
    height: numberOf(height),
    model: textOf(json.get("base_model")),
    modelHash: textOf(json.get("base_model_hash")),
    vae: textOf(json.get("vae")),
    clipSkip: numberOf(json.get("clip_skip")),
    preset: textOf(json.get("performance")),
    styles: textsOf(literal(json.get("styles"))),
    loras: readLoras(json),
    version: textOf(json.get("version")),
  });
  return { tool: "fooocus", raw, settings, pairs: Array.from(json, ([key, value]) => [key, pairText(value)]) };
}

/** A list of [name, strength, hash], or in older files `lora_combined_1: "name : strength"`. */
function readLoras(json: JsonObject): readonly UsedLora[] {
  const listed = asList(json.get("loras")).map((item) => {
    const [name, strength, hash] = asList(item);
    return loraOf(textOf(name), numberOf(strength), textOf(hash));
  });
  const combined = Array.from(json, ([key, value]) => {
    const parts = /^lora_combined_\d{1,3}$/.test(key) ? (textOf(value)?.split(" : ") ?? []) : [];
    return parts.length === 2 ? loraOf(parts[0], numberOf(parts[1]), undefined) : undefined;
  });
  return [...listed, ...combined].filter((lora) => lora !== undefined);
}

function loraOf(
  name: string | undefined,
  strength: number | undefined,
  hash: string | undefined,
): UsedLora | undefined {
  if (name === undefined || name === "None" || strength === undefined) return undefined;
  return said<UsedLora>({ name, strength, hash });
}

function asList(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

/** Python text to a value; a value that is none stays as it is. */
function literal(value: Json | undefined): Json | undefined {
  if (typeof value !== "string") return value;
  try {
    return parseJson(value, "python");
  } catch (error) {
    if (error instanceof FewstepError) return value;
    throw error;
  }
}
