// Which files of a folder are training pictures, and what their captions are: `name.txt` or `name.caption` beside `name.png` as kohya's
// scripts have it, or lines of metadata.jsonl with file_name and text as diffusers' image folders have it. Pure: names and texts in, pairs out.
import { FewstepError } from "@fewstep/core";

export interface CaptionedName {
  /** Path inside the folder, with forward slashes. */
  readonly name: string;
  readonly caption: string;
}

export const PICTURE_NAMES = /\.(png|jpe?g|webp)$/i;
/** Endings of caption files, the first that is there counts: kohya's scripts read either. */
const CAPTION_ENDINGS = [".txt", ".caption"] as const;
export const CAPTION_NAMES = /\.(txt|caption)$/;
export const METADATA_NAME = "metadata.jsonl";

/** Longer than any caption in use (some 1,000 characters); refuses a file that is no caption. */
const MAX_CAPTION = 20_000;

/** Lines of a metadata.jsonl by file name, in the folder `within` that it lies in ("" or "train/"). Throws `bad-metadata-line`. */
export function parseMetadata(text: string, within = ""): ReadonlyMap<string, string> {
  const captions = new Map<string, string>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (line.trim() === "") continue;
    const { file_name: name, text: caption } = parsedLine(line, index) as Readonly<Record<string, unknown>>;
    if (typeof name !== "string" || typeof caption !== "string") throw badLine(index, line);
    captions.set(within + name, caption.slice(0, MAX_CAPTION));
  }
  return captions;
}

function parsedLine(line: string, index: number): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw badLine(index, line);
  }
  if (typeof value !== "object" || value === null) throw badLine(index, line);
  return value;
}

function badLine(index: number, line: string): FewstepError {
  return new FewstepError({
    code: "bad-metadata-line",
    message: `line ${index + 1} of ${METADATA_NAME} is no caption`,
    found: line.slice(0, 100),
    expected: `{"file_name": "a.png", "text": "what it shows"}`,
  });
}

/**
 * Pictures in the order of their names. A line of the metadata wins over a text file; a picture with neither is an error.
 * Throws `picture-without-caption` and `no-pictures`.
 */
export function captionedNames(
  names: readonly string[],
  texts: ReadonlyMap<string, string>,
  metadata: ReadonlyMap<string, string>,
): readonly CaptionedName[] {
  const pictures = names.filter((name) => PICTURE_NAMES.test(name)).sort();
  if (pictures.length === 0) {
    throw new FewstepError({
      code: "no-pictures",
      message: "the folder holds no pictures",
      expected: ".png, .jpg or .webp files, each with a .txt file of the same name or a line in metadata.jsonl",
    });
  }
  return pictures.map((name) => {
    const beside = CAPTION_ENDINGS.map((ending) => texts.get(name.replace(PICTURE_NAMES, ending)));
    const caption = metadata.get(name) ?? beside.find((text) => text !== undefined)?.replace(/^\uFEFF/, "");
    if (caption !== undefined) return { name, caption: caption.trim().slice(0, MAX_CAPTION) };
    throw new FewstepError({
      code: "picture-without-caption",
      message: `${name} has no caption`,
      expected: `${name.replace(PICTURE_NAMES, ".txt")}, or a line in ${METADATA_NAME}`,
      hint: "an empty text file is a caption too",
    });
  });
}
