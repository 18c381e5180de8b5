// What a file that is no safetensors file is instead, from its first bytes alone, with what to do about it. The name of a file is not
// believed. Only asked once the safetensors header has turned out to be impossible: some magic numbers also make a plausible length.
import { FewstepError } from "../errors.js";
import { readBytes } from "./read-bytes.js";
import type { FileSource } from "./source.js";

export type ContainerKind =
  | "empty"
  | "zeros"
  | "torch-zip"
  | "zip"
  | "pickle"
  | "gguf"
  | "ggml"
  | "onnx"
  | "hdf5"
  | "numpy"
  | "tflite"
  | "lfs-pointer"
  | "html"
  | "xml"
  | "index-json"
  | "json"
  | "text"
  | "gzip"
  | "zstd"
  | "xz"
  | "7z"
  | "rar"
  | "tar"
  | "image"
  | "program";

export interface Container {
  readonly kind: ContainerKind;
  /** Completes "this is ...". */
  readonly label: string;
  readonly hint: string;
}

/** The start of a file as bytes and, one character a byte, as text. */
interface Head {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly fileBytes: number;
}

/** Enough for a tar header and the name of a ZIP archive's first member. */
const HEAD_BYTES = 512;

const HINTS = {
  whole: "the download or copy is not complete: do it again and compare the size with the original's",
  convert:
    "opening it can run code, so it is refused: download the .safetensors file of the same model, or have it converted in a sandbox",
  again:
    "the download saved something else than the model: open its address in a browser, log in or accept the licence if asked, and download again",
  unpack: "unpack it and give the .safetensors file inside",
  unquantised: "get the model's F16 .safetensors file",
  folder: "give the folder that holds it, not the file",
  original: "models are not converted beforehand: give the original .safetensors file",
  picture: "a picture may name its model in its metadata, but does not hold it: give the .safetensors file",
  program: "do not run it; get the model from its author",
  pull: "run `git lfs pull` in its repository, or download the file itself",
} as const;

type Test = (head: Head) => boolean;

const starts =
  (...prefixes: readonly string[]): Test =>
  ({ text }) =>
    prefixes.some((prefix) => text.startsWith(prefix));
const holdsAt =
  (offset: number, word: string): Test =>
  ({ text }) =>
    text.startsWith(word, offset);
/** The text after an optional byte order mark and white space. */
const reads =
  (pattern: RegExp): Test =>
  ({ text }) =>
    pattern.test(text.replace("\xef\xbb\xbf", "").trimStart());
const both =
  (a: Test, b: Test): Test =>
  (head) =>
    a(head) && b(head);
const byteAt =
  (offset: number, from: number, to: number): Test =>
  ({ bytes }) =>
    (bytes[offset] ?? -1) >= from && (bytes[offset] ?? -1) <= to;

/** torch.save names the first member data.pkl, .data/..., byteorder or version, in a folder of any name. */
const torchMember: Test = ({ text }) => /\/(?:data\.pkl|\.data\/|byteorder|version)/.test(text.slice(0, 200));
/** ir_version, then a string, the graph or the opset of a protobuf ModelProto. */
const onnxFields: Test = ({ bytes, text }) =>
  bytes[0] === 8 && [0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42].includes(bytes[2] ?? 0) && !text.startsWith("\0\0\0\0", 4);

/** [kind, label, hint, test]; the first that matches is meant. Texts are compared byte for byte (Latin-1). */
const SIGNATURES: readonly (readonly [ContainerKind, string, keyof typeof HINTS, Test])[] = [
  ["empty", "an empty file", "whole", ({ fileBytes }) => fileBytes === 0],
  ["zeros", "a file of zeros", "whole", ({ bytes }) => bytes.every((byte) => byte === 0)],
  ["torch-zip", "a PyTorch checkpoint (a pickle in a ZIP)", "convert", both(starts("PK\x03\x04"), torchMember)],
  ["zip", "a ZIP archive", "unpack", starts("PK\x03\x04", "PK\x05\x06")],
  ["pickle", "a pickle (an old PyTorch checkpoint)", "convert", both(starts("\x80"), byteAt(1, 2, 5))],
  ["gguf", "a GGUF file", "unquantised", starts("GGUF")],
  ["ggml", "a GGML file", "unquantised", starts("lmgg", "tjgg", "fmgg", "algg", "ggml", "ggjt")],
  ["onnx", "an ONNX model", "original", both(byteAt(1, 1, 31), onnxFields)],
  ["hdf5", "an HDF5 (Keras) file", "original", starts("\x89HDF\r\n")],
  ["numpy", "a NumPy array", "original", starts("\x93NUMPY")],
  ["tflite", "a TFLite model", "original", holdsAt(4, "TFL3")],
  [
    "lfs-pointer",
    "a Git LFS pointer, not the file it points to",
    "pull",
    starts("version https://git-lfs.github.com/spec/"),
  ],
  ["html", "a web page (HTML)", "again", reads(/^(?:<!--[^>]*-->\s*)?<(?:!doctype html|html|head|body)\b/i)],
  ["xml", "XML, most likely an error message", "again", reads(/^<(?:\?xml|Error)\b/i)],
  ["index-json", "the index of a model folder", "folder", reads(/^\{\s*"(?:_class_name|metadata|weight_map)"/)],
  ["json", "JSON, an error message or a configuration", "again", reads(/^[{[]\s*["{}\]]/)],
  ["gzip", "gzip-compressed", "unpack", starts("\x1f\x8b\x08")],
  ["zstd", "Zstandard-compressed", "unpack", starts("\x28\xb5\x2f\xfd")],
  ["xz", "xz-compressed", "unpack", starts("\xfd7zXZ\x00")],
  ["7z", "a 7-Zip archive", "unpack", starts("7z\xbc\xaf\x27\x1c")],
  ["rar", "a RAR archive", "unpack", starts("Rar!\x1a\x07")],
  ["tar", "a tar archive", "unpack", holdsAt(257, "ustar")],
  ["image", "a picture", "picture", starts("\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a")],
  ["image", "a picture", "picture", both(starts("RIFF"), holdsAt(8, "WEBP"))],
  ["program", "a program", "program", starts("MZ\x90", "\x7fELF")],
  ["text", "plain text, most likely an error message", "again", ({ text }) => /^[\t\n\r -~]{9,}$/.test(text)],
];

/** What the start of a file says it is; undefined for bytes that say nothing. */
export function recogniseContainer(start: Uint8Array, fileBytes: number): Container | undefined {
  const bytes = start.subarray(0, HEAD_BYTES);
  const head = { bytes, text: String.fromCharCode(...bytes), fileBytes };
  const found = SIGNATURES.find(([, , , test]) => test(head));
  return found && { kind: found[0], label: found[1], hint: HINTS[found[2]] };
}

/** As recogniseContainer, reading what it needs. */
export async function containerOf(source: FileSource, signal?: AbortSignal): Promise<Container | undefined> {
  const { size } = source.blob;
  return recogniseContainer(await readBytes(source, 0, Math.min(size, HEAD_BYTES), signal), size);
}

/** The error for a file of another kind: code `file-is-KIND`. */
export function foreignContainer(source: FileSource, container: Container, cause?: unknown): FewstepError {
  return new FewstepError({
    code: `file-is-${container.kind}`,
    message: `${source.name} is not a safetensors file: this is ${container.label}`,
    found: container.label,
    expected: "a .safetensors file",
    hint: container.hint,
    cause,
  });
}
