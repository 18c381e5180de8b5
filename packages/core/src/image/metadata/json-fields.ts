// Fields of a parsed JSON object by type: a field of another type than asked for counts as not said.

import type { Json, JsonObject } from "./json.js";

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A finite number, also where it is written as text ("0.5"). */
export function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" ? parseNumber(value) : undefined;
}

/** A seed as decimal digits, with all of them. */
export function seedOf(value: Json | undefined): string | undefined {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && /^-?\d{1,40}$/.test(value.trim()) ? value.trim() : undefined;
}

export function textsOf(value: Json | undefined): readonly string[] | undefined {
  return isList(value) ? value.filter((item) => typeof item === "string") : undefined;
}

/** A decimal number, or undefined: "", "0x10", "nan" and "Infinity" are not numbers here. */
export function parseNumber(text: string): number | undefined {
  if (text.length > 400 || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A value as text for `pairs`: strings as they are, everything else as JSON. */
export function pairText(value: Json): string {
  return typeof value === "string" ? value : writeJson(value);
}

/** JSON text in ASCII, with the spaces Python's json.dumps puts, all digits of integers, and NaN as it writes it. */
export function writeJson(value: Json): string {
  if (typeof value === "string") return quote(value);
  if (isList(value)) return `[${value.map(writeJson).join(", ")}]`;
  if (isObject(value)) return `{${Array.from(value, ([key, item]) => `${quote(key)}: ${writeJson(item)}`).join(", ")}}`;
  return String(value);
}

function quote(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped);
}
