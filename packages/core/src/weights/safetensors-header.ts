// The JSON header of a safetensors file -> its entries, in the order written. Checks form and limits of each entry; where the tensors lie
// relative to each other and to the file is safetensors.ts's matter. Format: the safetensors README and its reference reader.
import type { FewstepError } from "../errors.js";
import { type JsonDialect, JsonScanner } from "../files/json-scanner.js";
import { showName } from "../files/show-name.js";
import { type DType, dtypeOfSafetensors } from "../tensor/dtype.js";
import { type SafetensorsErrorCode, safetensorsError } from "./safetensors-errors.js";
import { MAX_RANK, MAX_TENSOR_NAME_LENGTH, MAX_TENSORS } from "./safetensors-limits.js";

export interface HeaderEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Byte offsets from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

const METADATA = "__metadata__";
const DIALECT: JsonDialect = {
  subject: "safetensors header",
  syntaxCode: "safetensors-not-json" satisfies SafetensorsErrorCode,
  duplicateCode: "safetensors-duplicate-key" satisfies SafetensorsErrorCode,
};

/** Parses the decoded header. Throws the codes of safetensors-errors.ts. */
export function parseHeader(text: string): Header {
  const scanner = new JsonScanner(text, DIALECT);
  if (scanner.peek() !== "{") requireObject(scanner, text);
  const entries: HeaderEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  scanner.object((key) => {
    if (key === METADATA) metadata = readMetadata(scanner);
    else entries.push(readEntry(scanner, checkedName(key, entries.length)));
  });
  scanner.end();
  return { entries, metadata };
}

/** Tells a JSON value of the wrong kind from text that is not JSON at all. */
function requireObject(scanner: JsonScanner, text: string): never {
  scanner.value();
  scanner.end();
  throw safetensorsError("safetensors-header-not-object", {
    message: "safetensors header must be an object",
    found: showName(text.trim()),
    expected: '{"tensor name": {"dtype": ..., "shape": ..., "data_offsets": ...}}',
  });
}

function readMetadata(scanner: JsonScanner): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const first = scanner.peek();
  if (first === "n" && scanner.value() === null) return metadata;
  if (first !== "{") throw badMetadata(METADATA, first);
  scanner.object((key) => {
    const next = scanner.peek();
    if (next !== '"') throw badMetadata(key, next);
    metadata.set(key, scanner.string());
  });
  return metadata;
}

function badMetadata(key: string, found: string): FewstepError {
  return safetensorsError("safetensors-bad-metadata", {
    message: `safetensors metadata ${showName(key)} is not a string`,
    found: `a value that starts with ${showName(found)}`,
    expected: "__metadata__ maps strings to strings",
  });
}

function checkedName(name: string, index: number): string {
  if (index >= MAX_TENSORS) {
    throw safetensorsError("safetensors-too-many-tensors", {
      message: "safetensors header lists too many tensors",
      expected: `at most ${MAX_TENSORS}`,
    });
  }
  if (name.length <= MAX_TENSOR_NAME_LENGTH) return name;
  throw safetensorsError("safetensors-name-too-long", {
    message: `tensor ${showName(name)} has too long a name`,
    found: `${name.length} characters`,
    expected: `at most ${MAX_TENSOR_NAME_LENGTH}`,
  });
}

/** Fields the format does not know are checked as JSON and ignored, as the reference reader does. */
function readEntry(scanner: JsonScanner, name: string): HeaderEntry {
  let dtype: DType | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  if (scanner.peek() !== "{") throw badEntry(name, "its entry is not an object");
  scanner.object((field) => {
    if (field === "dtype") dtype = readDType(scanner, name);
    else if (field === "shape") shape = readIntegers(scanner, name, field, MAX_RANK);
    else if (field === "data_offsets") offsets = readIntegers(scanner, name, field, 2);
    else scanner.value();
  });
  if (dtype === undefined) throw badEntry(name, "it has no dtype");
  if (shape === undefined) throw badEntry(name, "it has no shape");
  if (offsets?.length !== 2) throw badEntry(name, "it has no pair of data_offsets");
  const [begin, end] = offsets as readonly [number, number];
  if (end < begin) throw badOffsets(name, begin, end);
  return { name, dtype, shape, begin, end };
}

function badOffsets(name: string, begin: number, end: number): FewstepError {
  return safetensorsError("safetensors-bad-offsets", {
    message: `tensor ${showName(name)} ends before it begins`,
    found: `data_offsets [${begin},${end}]`,
    expected: "[begin, end] with begin <= end",
  });
}

function badEntry(name: string, why: string): FewstepError {
  return safetensorsError("safetensors-bad-entry", {
    message: `tensor ${showName(name)} is described wrongly: ${why}`,
    expected: '{"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}',
  });
}

function readDType(scanner: JsonScanner, name: string): DType {
  if (scanner.peek() !== '"') throw badEntry(name, "its dtype is not a string");
  const written = scanner.string();
  const dtype = dtypeOfSafetensors(written);
  if (dtype !== undefined) return dtype;
  throw safetensorsError("safetensors-unknown-dtype", {
    message: `tensor ${showName(name)} has a dtype the format does not know`,
    found: showName(written),
    expected: "BOOL, U8 to U64, I8 to I64, F16, BF16, F32, F64, or another of the format's own",
  });
}

function readIntegers(scanner: JsonScanner, name: string, field: string, limit: number): readonly number[] {
  const values: number[] = [];
  if (scanner.peek() !== "[") throw badEntry(name, `its ${field} is not a list`);
  scanner.array((index) => {
    if (index >= limit) {
      if (field === "data_offsets") throw badEntry(name, "its data_offsets are more than two");
      throw safetensorsError("safetensors-too-many-axes", {
        message: `tensor ${showName(name)} has too many axes`,
        expected: `at most ${limit}`,
      });
    }
    values.push(readInteger(scanner, name, field));
  });
  return values;
}

/** A whole number as the format's unsigned 64-bit integers, of which only those below 2^53 can lie in a file. */
function readInteger(scanner: JsonScanner, name: string, field: string): number {
  if (!/[-0-9]/.test(scanner.peek())) throw badEntry(name, `its ${field} holds something other than a whole number`);
  const text = scanner.numberText();
  if (!/^[0-9]+$/.test(text))
    throw badEntry(name, `its ${field} holds ${text.slice(0, 40)}, not a whole number from 0 up`);
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw overflow(name, `${field} holds ${text.slice(0, 40)}`);
}

/** Sizes that no file can have, or that cannot be computed exactly. */
export function overflow(name: string, found: string): FewstepError {
  return safetensorsError("safetensors-overflow", {
    message: `tensor ${showName(name)} claims an impossible size`,
    found,
    expected: "sizes and offsets below 2^53",
  });
}
