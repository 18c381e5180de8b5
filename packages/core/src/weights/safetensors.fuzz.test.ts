// Seeded, structure-aware fuzzing of the reader: files built as the format wants, then damaged in one to three of the ways that real and
// hostile files are. Every input must be accepted or refused with a documented code, and what is accepted must be consistent.
import { expect, it } from "vitest";
import { FewstepError } from "../errors.js";
import { type FuzzRandom, fuzzRandom, pick } from "../fuzz-random.test.fixture.js";
import { bitsOf, type DType, dtypeOfSafetensors, safetensorsName } from "../tensor/dtype.js";
import { elementCount } from "../tensor/shape.js";
import { rawFile, sparseFile, utf8 } from "./raw-file.test.fixture.js";
import { openSafetensors } from "./safetensors.js";
import { SAFETENSORS_ERRORS } from "./safetensors-errors.js";

const INPUTS = 100_000;
const SEED = 20_240_601;

const DTYPES: readonly DType[] = ["f16", "f32", "bf16", "i64", "u8", "f8e4m3", "f4", "bool", "f64"];
const NAMES = [
  "w",
  "model.weight",
  "__proto__",
  "constructor",
  "",
  "\u202e",
  "\ud83d\ude00",
  "a.b.c",
  "toString",
  "\u0000",
];
const ODD_NUMBERS = [
  "-1",
  "1.5",
  "1e3",
  '"4"',
  "null",
  "9007199254740993",
  "18446744073709551615",
  "1e308",
  "-0",
  "00",
  "NaN",
  "[]",
];
const ODD_VALUES = ["{}", "[]", "0", "null", '"F16"', "true", '{"a":{"b":[]}}', "[[[[]]]]"];

interface Row {
  name: string;
  dtype: string;
  shape: (number | string)[];
  offsets: (number | string)[];
}
interface Draft {
  rows: Row[];
  metadata: string | undefined;
  dataBytes: number;
}

function valid(random: FuzzRandom): Draft {
  const rows: Row[] = [];
  let end = 0;
  const count = random(6);
  for (let i = 0; i < count; i++) {
    const dtype = pick(random, DTYPES);
    const shape = Array.from({ length: random(4) }, () => random(5));
    if (dtype === "f4") shape.push(2);
    const bytes = (elementCount(shape) * bitsOf(dtype)) / 8;
    rows.push({ name: pick(random, NAMES) + i, dtype: safetensorsName(dtype), shape, offsets: [end, end + bytes] });
    end += bytes;
  }
  for (let i = rows.length - 1; i > 0; i--) rows.push(rows.splice(random(i + 1), 1)[0] as Row);
  return { rows, metadata: random(3) === 0 ? '{"format":"pt","__proto__":"x"}' : undefined, dataBytes: end };
}

/** Damage to the description of the tensors: all of it is well-formed JSON, so the checks of layout are reached. */
const LAYOUT_DAMAGE: readonly ((draft: Draft, random: FuzzRandom) => void)[] = [
  ({ rows }, random) => shift(rows, random, 0),
  ({ rows }, random) => shift(rows, random, 1),
  ({ rows }, random) => {
    for (const row of rows.slice(random(rows.length + 1))) row.offsets = row.offsets.map((o) => Number(o) + 1);
  },
  ({ rows }, random) => {
    if (rows.length > 1) pick(random, rows).offsets = [...pick(random, rows).offsets];
  },
  ({ rows }, random) => {
    if (rows.length > 0) pick(random, rows).shape.push(pick(random, [0, 1, 2, 4_294_967_296, 9_007_199_254_740_991]));
  },
  ({ rows }, random) => {
    if (rows.length > 0) pick(random, rows).dtype = safetensorsName(pick(random, DTYPES));
  },
  ({ rows }, random) => {
    rows.splice(random(rows.length + 1), 1);
  },
  (draft, random) => {
    draft.dataBytes = Math.max(0, draft.dataBytes + random(9) - 4);
  },
];

/** Damage to values and form. */
const FORM_DAMAGE: readonly ((draft: Draft, random: FuzzRandom) => void)[] = [
  ({ rows }, random) => {
    if (rows.length > 0) pick(random, rows).offsets[random(2)] = pick(random, ODD_NUMBERS);
  },
  ({ rows }, random) => {
    if (rows.length > 0) pick(random, rows).shape.push(pick(random, ODD_NUMBERS));
  },
  ({ rows }, random) => {
    if (rows.length > 0) pick(random, rows).dtype = pick(random, ["F128", "", "f32", "__proto__"]);
  },
  ({ rows }, random) => {
    if (rows.length > 1) pick(random, rows).name = pick(random, rows).name;
  },
  (draft, random) => {
    draft.metadata = pick(random, ['{"a":1}', "[]", '{"a":{}}', '"x"', "null", '{"a":"b","a":"c"}']);
  },
];

function shift(rows: Row[], random: FuzzRandom, end: 0 | 1): void {
  if (rows.length === 0) return;
  const { offsets } = pick(random, rows);
  offsets[end] = Math.max(0, Number(offsets[end]) + random(5) - 2);
}

function headerOf({ rows, metadata }: Draft, random: FuzzRandom): string {
  const gap = () => pick(random, ["", "", "", " ", "\n\t"]);
  const members = rows.map(({ name, dtype, shape, offsets }) => {
    const fields = [`"dtype":${JSON.stringify(dtype)}`, `"shape":[${shape}]`, `"data_offsets":[${offsets}]`];
    if (random(40) === 0) fields.push(`"extra":${pick(random, ODD_VALUES)}`);
    return `${JSON.stringify(name)}${gap()}:${gap()}{${fields.join(`,${gap()}`)}}`;
  });
  if (metadata !== undefined) members.splice(random(members.length + 1), 0, `"__metadata__":${metadata}`);
  return `${gap()}{${members.join(`${gap()},`)}}${gap()}`;
}

/** Damage to the text itself: a byte changed, dropped, doubled, or the rest cut. */
function scratch(header: Uint8Array, random: FuzzRandom): Uint8Array {
  const bytes = [...header];
  const at = random(bytes.length);
  const change = random(4);
  if (change === 0) bytes[at] = random(256);
  else if (change === 1) bytes.splice(at, 1);
  else if (change === 2) bytes.splice(at, 0, bytes[at] as number);
  else bytes.length = at;
  return Uint8Array.from(bytes);
}

function input(random: FuzzRandom) {
  const draft = valid(random);
  const kind = random(20);
  if (kind >= 5 && kind < 15) for (let n = 1 + random(3); n > 0; n--) pick(random, LAYOUT_DAMAGE)(draft, random);
  if (kind >= 15 && kind < 18) pick(random, FORM_DAMAGE)(draft, random);
  const text = utf8(headerOf(draft, random));
  const header = kind === 18 ? scratch(text, random) : text;
  const lengths = [0n, 7n, BigInt(header.length + 1), 1000n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
  return rawFile(header, draft.dataBytes, kind === 19 ? pick(random, lengths) : undefined);
}

/** Codes that mean the whole header was read and the places of the tensors were judged. */
const LAYOUT_CODES =
  /^(accepted|safetensors-(overlap|hole|size-mismatch|overflow|misaligned|truncated|trailing-bytes))$/;
/** What a damaged file may be taken for: 8 zeros, or a header that starts like another format. */
const isKnown = (code: string) => code === "accepted" || code.startsWith("file-is-") || code in SAFETENSORS_ERRORS;

async function judge(raw: ReturnType<typeof rawFile>): Promise<string> {
  const file = sparseFile(raw, raw.blob.size);
  try {
    const { weights, headerBytes } = await openSafetensors(file);
    let end = headerBytes;
    for (const name of weights.names) {
      const { shape, dtype, offset, byteLength } = weights.get(name)!;
      if (offset !== end || byteLength * 8 !== elementCount(shape) * bitsOf(dtype))
        throw new Error(`inconsistent: ${name}`);
      if (dtypeOfSafetensors(safetensorsName(dtype)) !== dtype) throw new Error(`no such dtype: ${dtype}`);
      end += byteLength;
    }
    if (end !== file.blob.size) throw new Error("accepted a file that is not covered");
    return "accepted";
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw error;
  } finally {
    expect(file.longestRead(), "no stretch is read, or allocated, beyond the file").toBeLessThanOrEqual(raw.blob.size);
  }
}

it(`judges ${INPUTS} damaged files, none with a crash`, async () => {
  const random = fuzzRandom(SEED);
  const counts = new Map<string, number>();
  let slowest = 0;
  for (let i = 0; i < INPUTS; i++) {
    const file = input(random);
    const started = performance.now();
    const code = await judge(file);
    slowest = Math.max(slowest, performance.now() - started);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const table = [...counts].toSorted(([, a], [, b]) => b - a);
  console.log(table.map(([code, count]) => `${String(count).padStart(7)} ${code}`).join("\n"));
  const share = (pattern: RegExp) =>
    table.reduce((sum, [code, count]) => (pattern.test(code) ? sum + count : sum), 0) / INPUTS;
  expect(table.map(([code]) => code).filter((code) => !isKnown(code))).toEqual([]);
  expect(share(/^accepted$/)).toBeGreaterThanOrEqual(0.1);
  expect(share(LAYOUT_CODES)).toBeGreaterThanOrEqual(0.5);
  expect(table.length).toBeGreaterThanOrEqual(15);
  expect(slowest).toBeLessThan(2_000);
}, 120_000);
