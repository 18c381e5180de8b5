// A1111's generation text to settings and back: stable-diffusion-webui, Forge and whatever writes the same lines, Civitai's additions,
// and Fooocus' "a1111" scheme, which differs only in the table of keys.

import { parseHashList, parseInfoText, parsePairJson } from "./a1111-pairs.js";
import { isList, isObject, numberOf, parseNumber, seedOf, textOf } from "./json-fields.js";
import { readLoraTags } from "./lora-tags.js";
import { splitScheduleName } from "./schedule-names.js";
import {
  type CivitaiResource,
  type HiresPass,
  type MetadataTool,
  type NamedHash,
  type PictureSettings,
  type Reading,
  said,
  type UsedLora,
} from "./settings.js";

/** What A1111 means when it writes no such pair. */
const A1111_DEFAULTS = { clipSkip: 1, rng: "GPU", schedule: "Automatic" } as const;

/** Reads a generation text. Every text is accepted; one without a line of pairs gives a prompt and nothing else. */
export function readA1111(raw: string, tool: Extract<MetadataTool, "a1111" | "fooocus"> = "a1111"): Reading {
  const { prompt, negative, pairs } = parseInfoText(raw);
  if (pairs.length === 0) return { tool, raw, pairs, settings: { prompt, negative } };
  const values = new Map([...pairs].reverse());
  const text = (...keys: readonly string[]) => keys.map((key) => values.get(key)).find((value) => value !== undefined);
  const number = (...keys: readonly string[]) => parseNumber(text(...keys) ?? "");
  const [sampler, implied] = splitScheduleName(text("Sampler"));
  const defaults = tool === "a1111" ? A1111_DEFAULTS : undefined;
  const hashes = readHashes(text("Hashes"));
  const settings = said<PictureSettings>({
    prompt: text("Raw prompt") ?? prompt,
    negative: text("Raw negative prompt") ?? negative,
    steps: number("Steps"),
    sampler,
    schedule: text("Schedule type", "Scheduler") ?? implied ?? defaults?.schedule,
    cfg: number("CFG scale"),
    seed: seedOf(text("Seed")),
    ...readSize(text("Size")),
    model: text("Model", "Base model"),
    modelHash: text("Model hash", "Base model hash") ?? hashes?.find(({ name }) => name === "model")?.hash,
    vae: text("VAE"),
    vaeHash: text("VAE hash"),
    denoise: number("Denoising strength"),
    clipSkip: number("Clip skip") ?? defaults?.clipSkip,
    rng: text("RNG") ?? defaults?.rng,
    seedDelta: number("ENSD"),
    subseed: seedOf(text("Variation seed")),
    subseedStrength: number("Variation seed strength"),
    cfgRescale: number("CFG Rescale", "CFG rescale phi"),
    loras: readLoras(prompt, text("Lora hashes"), text("Lora weights")),
    embeddings: text("TI hashes") === undefined ? undefined : namedHashes(parseHashList(text("TI hashes") ?? "")),
    hashes,
    hires: readHires(text, number),
    emphasis: text("Emphasis"),
    preset: text("Performance"),
    civitaiResources: readResources(text("Civitai resources")),
    version: text("Version"),
  });
  return { tool, raw, pairs, settings };
}

function readSize(text: string | undefined): {
  readonly width: number | undefined;
  readonly height: number | undefined;
} {
  const size = /^(\d{1,6})x(\d{1,6})$/.exec(text ?? "");
  return { width: size?.[1] ? Number(size[1]) : undefined, height: size?.[2] ? Number(size[2]) : undefined };
}

/** Strengths stand in the prompt's tags; Fooocus, which has none, lists them under "Lora weights". */
function readLoras(prompt: string, hashList: string | undefined, weightList: string | undefined): readonly UsedLora[] {
  const hashes = parseHashList(hashList ?? "");
  const tagged = readLoraTags(prompt, hashes);
  if (weightList === undefined) return tagged;
  const listed = Array.from(parseHashList(weightList), ([name, weight]) => {
    const strength = parseNumber(weight);
    return strength === undefined
      ? undefined
      : said<UsedLora>({ name, strength, strengthClip: undefined, hash: hashes.get(name) });
  });
  return [...tagged, ...listed.filter((lora) => lora !== undefined)];
}

function readHires(
  text: (key: string) => string | undefined,
  number: (key: string) => number | undefined,
): HiresPass | undefined {
  const size = readSize(text("Hires resize"));
  const hires = said<HiresPass>({
    scale: number("Hires upscale"),
    ...size,
    steps: number("Hires steps"),
    upscaler: text("Hires upscaler"),
    sampler: text("Hires sampler"),
    schedule: text("Hires schedule type"),
    cfg: number("Hires CFG Scale"),
    prompt: text("Hires prompt"),
    negative: text("Hires negative prompt"),
  });
  return Object.keys(hires).length === 0 ? undefined : hires;
}

function namedHashes(hashes: ReadonlyMap<string, string>): readonly NamedHash[] {
  return Array.from(hashes, ([name, hash]) => ({ name, hash }));
}

function readHashes(text: string | undefined): readonly NamedHash[] | undefined {
  const object = parsePairJson(text);
  if (!isObject(object)) return undefined;
  return Array.from(object, ([name, hash]) => ({ name, hash: textOf(hash) ?? "" })).filter(({ hash }) => hash !== "");
}

function readResources(text: string | undefined): readonly CivitaiResource[] | undefined {
  const list = parsePairJson(text);
  if (!isList(list)) return undefined;
  return list.filter(isObject).map((item) =>
    said<CivitaiResource>({
      type: textOf(item.get("type")),
      weight: numberOf(item.get("weight")),
      modelVersionId: numberOf(item.get("modelVersionId")),
      modelName: textOf(item.get("modelName")),
      modelVersionName: textOf(item.get("modelVersionName")),
    }),
  );
}
