// A piece of text found in a picture file: what it says, under which key, and exactly where it lay. It knows no tool's format.

/** How a text's bytes were read. */
export type TextEncodingName = "ascii" | "latin-1" | "utf-8" | "utf-16be" | "utf-16le";

/** A PNG text chunk. */
export type PngTextPlace = {
  readonly container: "png";
  readonly chunk: "tEXt" | "zTXt" | "iTXt";
  readonly compressed: boolean;
  /** The language tag of an iTXt chunk, "" where there is none. */
  readonly language: string;
  /** The chunk stands behind the pixel data. */
  readonly afterPixels: boolean;
  readonly encoding: TextEncodingName;
};

/** A tag of an EXIF block. */
export type ExifTextPlace = {
  readonly container: "png" | "jpeg" | "webp";
  readonly chunk: "exif";
  /** The byte order of the TIFF header, which need not be that of the text. */
  readonly byteOrder: "be" | "le";
  /** The eight-byte character code of a UserComment ("ASCII", "UNICODE", "" for undefined); "" for other tags. */
  readonly code: string;
  readonly encoding: TextEncodingName;
  /** The text began with a byte-order mark. */
  readonly marked: boolean;
};

export type TextEntry = {
  /** The PNG keyword, or the EXIF tag's name: "parameters", "UserComment", "Make" ... */
  readonly keyword: string;
  readonly text: string;
  readonly place: PngTextPlace | ExifTextPlace;
};

/** 4 MiB a text: the largest real ones are ComfyUI workflows of about 1 MB. Refused: zip bombs and 64 MB prompts. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** 16 MiB for all texts of a file, so that many large ones do not add up. */
export const MAX_ALL_TEXT_BYTES = 16 * 1024 * 1024;
