// Reads a JSON file that must hold an object: configs and indexes of model folders. Size, depth and keys are not trusted.
import { FewstepError } from "../errors.js";
import { type JsonObject, type JsonValue, parseJson } from "./json-scanner.js";
import { readBytes } from "./read-bytes.js";
import type { FileSource } from "./source.js";

/** The largest index published is about 10 MB; refuses a "config" of gigabytes. */
export const MAX_JSON_FILE_BYTES = 64_000_000;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object in the file; Python's NaN and Infinity are accepted. Throws `json-too-large`, `bad-json` or `duplicate-key`. */
export async function readJsonObject(source: FileSource, signal?: AbortSignal): Promise<JsonObject> {
  const { name, blob } = source;
  if (blob.size > MAX_JSON_FILE_BYTES) {
    throw new FewstepError({
      code: "json-too-large",
      message: `${name} is too large for a configuration`,
      found: `${blob.size} bytes`,
      expected: `at most ${MAX_JSON_FILE_BYTES} bytes`,
    });
  }
  const text = new TextDecoder().decode(await readBytes(source, 0, blob.size, signal));
  const dialect = { subject: name, syntaxCode: "bad-json", duplicateCode: "duplicate-key", pythonNumbers: true };
  const value = parseJson(text, dialect);
  if (isJsonObject(value)) return value;
  throw new FewstepError({ code: "bad-json", message: `${name} must hold a JSON object`, expected: "{ ... }" });
}
