// <lora:name:strength> tags in a prompt, as A1111's "extra networks" read them. It changes no prompt and loads nothing.

import { parseNumber } from "./json-fields.js";
import { said, type UsedLora } from "./settings.js";

/** 256 tags: real prompts have fewer than 20. The rest is left in the prompt, unread. */
const MAX_TAGS = 256;

const OPEN = "<lora:";

/**
 * The LoRAs of a prompt in order. Fields behind the name: text-encoder strength (and that of the model, unless a second one follows),
 * model strength; or `te=` and `unet=`. No strength means 1. A tag whose strength is no finite number is left out.
 */
export function readLoraTags(prompt: string, hashes: ReadonlyMap<string, string>): readonly UsedLora[] {
  const loras: UsedLora[] = [];
  let at = prompt.indexOf(OPEN);
  while (at >= 0 && loras.length < MAX_TAGS) {
    const end = prompt.indexOf(">", at);
    if (end < 0) break;
    const lora = readTag(prompt.slice(at + OPEN.length, end), hashes);
    if (lora !== undefined) loras.push(lora);
    at = prompt.indexOf(OPEN, end);
  }
  return loras;
}

/** The tag of a LoRA; the inverse of `readLoraTags`. */
export function writeLoraTag({ name, strength, strengthClip }: UsedLora): string {
  return strengthClip === undefined ? `${OPEN}${name}:${strength}>` : `${OPEN}${name}:${strengthClip}:${strength}>`;
}

function readTag(body: string, hashes: ReadonlyMap<string, string>): UsedLora | undefined {
  const [name = "", ...fields] = body.split(":");
  const named = new Map(
    fields.filter((field) => field.includes("=")).map((field) => field.split("=", 2) as [string, string]),
  );
  const [first, second] = fields.filter((field) => !field.includes("="));
  const clip = parseNumber(named.get("te") ?? first ?? "1");
  const model = parseNumber(named.get("unet") ?? second ?? named.get("te") ?? first ?? "1");
  if (name === "" || clip === undefined || model === undefined) return undefined;
  return said<UsedLora>({
    name,
    strength: model,
    strengthClip: clip === model ? undefined : clip,
    hash: hashes.get(name),
  });
}
