// A picture file to its settings: finds the texts, recognises the tool by keys and by what the text begins with, reads the first that
// can be read. It lists what it could not read instead of hiding it.

import { FewstepError } from "../../errors.js";
import { type PictureText, readPictureText } from "../picture-text.js";
import type { TextEntry } from "../text-entry.js";
import { readA1111 } from "./a1111.js";
import { readComfyPrompt, readComfyWorkflow } from "./comfyui.js";
import { FEWSTEP_KEY, readFewstepText } from "./fewstep.js";
import { readFooocus } from "./fooocus.js";
import { readInvokeAi } from "./invokeai.js";
import { readNovelAi } from "./novelai.js";
import type { Reading } from "./settings.js";
import { readSwarmUi } from "./swarmui.js";

export type PictureMetadata = PictureText & {
  /** Undefined: no text in the file says how it was made. */
  readonly reading: Reading | undefined;
  /** The text the reading comes from. */
  readonly source: TextEntry | undefined;
};

type Texts = ReadonlyMap<string, string>;

/** A form of metadata: where it stands, how it is recognised, who reads it. The first that fits wins. */
type Format = {
  readonly keys: readonly string[];
  /** Text before the payload, as ComfyUI puts into EXIF tags ("prompt:{...}"). */
  readonly prefix?: string;
  readonly fits?: (text: string, texts: Texts) => boolean;
  readonly read: (text: string, texts: Texts) => Reading | undefined;
};

const isJson = (text: string): boolean => text.trimStart().startsWith("{");
const EXIF_KEYS = ["Make", "Model", "ImageDescription", "UserComment"] as const;

const FORMATS: readonly Format[] = [
  { keys: [FEWSTEP_KEY], read: readFewstepText },
  { keys: ["prompt"], fits: isJson, read: readComfyPrompt },
  { keys: EXIF_KEYS, prefix: "prompt:", read: readComfyPrompt },
  { keys: ["workflow"], fits: isJson, read: readComfyWorkflow },
  { keys: EXIF_KEYS, prefix: "workflow:", read: readComfyWorkflow },
  { keys: ["invokeai_metadata"], read: readInvokeAi },
  {
    keys: ["Comment"],
    fits: (text, texts) => texts.get("Software") === "NovelAI" && isJson(text),
    read: (text, texts) => readNovelAi(text, texts.get("Source")),
  },
  {
    keys: ["parameters", "UserComment"],
    fits: (text) => isJson(text) && text.includes('"sui_image_params"'),
    read: readSwarmUi,
  },
  {
    keys: ["parameters", "UserComment"],
    fits: (text, texts) => isJson(text) && isFooocus(texts, "fooocus"),
    read: readFooocus,
  },
  {
    keys: ["parameters", "UserComment"],
    fits: (text, texts) => !isJson(text) && isFooocus(texts, "a1111"),
    read: (text) => readA1111(text, "fooocus"),
  },
  { keys: ["parameters", "UserComment"], fits: (text) => !isJson(text), read: (text) => readA1111(text) },
];

/** PNG says so under a key of its own; EXIF has the scheme in MakerNote, so there only the text itself can tell. */
function isFooocus(texts: Texts, scheme: "fooocus" | "a1111"): boolean {
  const text = texts.get("fooocus_scheme");
  if (text !== undefined) return text === scheme;
  const body = texts.get("parameters") ?? texts.get("UserComment") ?? "";
  return scheme === "fooocus" ? body.includes('"metadata_scheme"') : body.includes("Version: Fooocus v");
}

/** Reads a picture's settings. Errors: `image-*` if it is no picture, `interrupted`; what is damaged is in `faults`. */
export async function readMetadata(
  bytes: Uint8Array<ArrayBuffer>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<PictureMetadata> {
  const text = await readPictureText(bytes, signal === undefined ? {} : { signal });
  return { ...text, ...readSettings(text) };
}

/** The same for texts that were read already. */
export function readSettings({
  entries,
  faults,
}: Pick<PictureText, "entries" | "faults">): Pick<PictureMetadata, "reading" | "source" | "faults"> {
  const first = new Map([...entries].reverse().map((entry) => [entry.keyword, entry] as const));
  const texts: Texts = new Map(Array.from(first, ([keyword, { text }]) => [keyword, text]));
  const found: FewstepError[] = [];
  for (const { keys, prefix = "", fits = () => true, read } of FORMATS) {
    for (const key of keys) {
      const source = first.get(key);
      if (source === undefined || !source.text.startsWith(prefix)) continue;
      const payload = source.text.slice(prefix.length);
      if (!fits(payload, texts)) continue;
      try {
        const reading = read(payload, texts);
        if (reading !== undefined) return { reading, source, faults: [...faults, ...found] };
      } catch (error) {
        if (!(error instanceof FewstepError)) throw error;
        found.push(error);
      }
    }
  }
  return { reading: undefined, source: undefined, faults: [...faults, ...found] };
}
