// fewstep's own text: `{"fewstep": 1, "settings": {...}, "plan": {...}}` under the key `fewstep`, with `"coding"` where the file holds the
// pixels only nearly. The other formats tell people and other programs about a picture; this one is exact, plan included, so that the
// picture can be made again.

import { FewstepError } from "../../errors.js";
import { type Json, parseJson } from "./json.js";
import { isList, isObject, numberOf, pairText, seedOf, textOf } from "./json-fields.js";
import type { PictureSettings, Reading } from "./settings.js";

/** The key of the PNG text, and of the maker's note in JPEG and WebP. */
export const FEWSTEP_KEY = "fewstep";

/** Raised when a reader of the old form would misread the new one. */
const FORMAT = 1;

type Kind = "text" | "number" | "seed" | { readonly [field: string]: Kind } | readonly [Kind];

const HASHES: Kind = [{ name: "text", hash: "text" }];

const FIELDS: { readonly [field in keyof Required<PictureSettings>]: Kind } = {
  prompt: "text",
  negative: "text",
  steps: "number",
  cfg: "number",
  cfgRescale: "number",
  sampler: "text",
  schedule: "text",
  seed: "seed",
  width: "number",
  height: "number",
  denoise: "number",
  model: "text",
  modelHash: "text",
  modelSampling: "text",
  vae: "text",
  vaeHash: "text",
  clipSkip: "number",
  rng: "text",
  seedDelta: "number",
  subseed: "seed",
  subseedStrength: "number",
  loras: [
    {
      name: "text",
      strength: "number",
      strengthClip: "number",
      strengthSteps: ["number"],
      blocks: [{ block: "text", factor: "number" }],
      hash: "text",
    },
  ],
  embeddings: [{ name: "text", hash: "text", file: "text", sha256: "text" }],
  hashes: HASHES,
  hires: {
    scale: "number",
    width: "number",
    height: "number",
    steps: "number",
    upscaler: "text",
    denoise: "number",
    sampler: "text",
    schedule: "text",
    cfg: "number",
    prompt: "text",
    negative: "text",
  },
  emphasis: "text",
  preset: "text",
  styles: ["text"],
  civitaiResources: [
    { type: "text", weight: "number", modelVersionId: "number", modelName: "text", modelVersionName: "text" },
  ],
  version: "text",
};

/** How pixels were coded in a file that holds them only nearly. */
export type PictureCoding = {
  readonly format: "jpeg" | "webp";
  /** 1 to 100, as the encoder was asked. */
  readonly quality: number;
};

/** The text to store. `plan`: any value JSON can hold. Errors: `fewstep-text` for a plan that is none. */
export function writeFewstepText(settings: PictureSettings, plan?: unknown, coding?: PictureCoding): string {
  const planJson = plan === undefined ? undefined : JSON.stringify(plan);
  if (plan !== undefined && planJson === undefined) throw broken(`a plan of type ${typeof plan}`);
  const parts = [`"fewstep":${FORMAT}`, `"settings":${JSON.stringify(settings)}`];
  if (planJson !== undefined) parts.push(`"plan":${planJson}`);
  if (coding !== undefined) parts.push(`"coding":${JSON.stringify(coding)}`);
  return `{${parts.join(",")}}`;
}

export type FewstepReading = Reading & {
  /** As text: whoever runs plans checks it. */
  readonly plan: string | undefined;
  readonly coding: PictureCoding | undefined;
};

/** Errors: `json-*`, `fewstep-text`. */
export function readFewstepText(raw: string): FewstepReading {
  const json = parseJson(raw);
  if (!isObject(json) || json.get("fewstep") !== FORMAT) throw broken("no version 1 of the format");
  const settings = checked(json.get("settings"), FIELDS, "settings") as PictureSettings;
  const plan = json.get("plan");
  const pairs = isObject(json.get("settings"))
    ? Array.from(json.get("settings") as ReadonlyMap<string, Json>, ([key, value]) => [key, pairText(value)] as const)
    : [];
  return {
    tool: "fewstep",
    raw,
    settings,
    pairs,
    plan: plan === undefined ? undefined : pairText(plan),
    coding: codingOf(json.get("coding")),
  };
}

function codingOf(value: Json | undefined): PictureCoding | undefined {
  if (value === undefined) return undefined;
  const { format, quality } = checked(value, { format: "text", quality: "number" }, "coding") as Partial<PictureCoding>;
  const isQuality = quality !== undefined && quality >= 1 && quality <= 100;
  if ((format === "jpeg" || format === "webp") && isQuality) return { format, quality };
  throw broken("a coding that is no JPEG's and no WebP's");
}

/** Strict, unlike the readers of others' formats: this text is ours, so a field of a wrong type is damage. */
function checked(value: Json | undefined, kind: Kind, path: string): unknown {
  if (kind === "text") return demand(textOf(value), path);
  if (kind === "number") return demand(numberOf(value), path);
  if (kind === "seed") return demand(seedOf(value), path);
  if (Array.isArray(kind)) {
    if (!isList(value)) throw broken(`${path} is no list`);
    const inner = (kind as readonly [Kind])[0];
    return value.map((item, i) => checked(item, inner, `${path}[${i}]`));
  }
  if (!isObject(value)) throw broken(`${path} is no object`);
  const fields = new Map(Object.entries(kind as { readonly [field: string]: Kind }));
  return Object.fromEntries(
    Array.from(value, ([name, item]) => {
      const inner = fields.get(name);
      if (inner === undefined) throw broken(`${path} has an unknown field ${JSON.stringify(name.slice(0, 60))}`);
      return [name, checked(item, inner, `${path}.${name}`)];
    }),
  );
}

function demand<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw broken(`${path} has a value of the wrong type`);
  return value;
}

function broken(found: string): FewstepError {
  return new FewstepError({
    code: "fewstep-text",
    message: "the picture's fewstep text cannot be read",
    found,
    expected: "the form this version of fewstep writes",
    hint: "the picture may come from a newer fewstep, or the text was changed",
  });
}
