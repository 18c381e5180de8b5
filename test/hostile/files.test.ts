// Hostile files given to the built command as a model: refused with exit code 2 and an error that says what was found and what to do;
// nothing is written, nothing hangs, and no more memory is taken than the command needs anyway.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostileFolder, printedError } from "./hostile-command.js";
import { entry, halves, one, raw, writeSparse } from "./hostile-files.js";

let folder: HostileFolder;
beforeAll(() => {
  folder = new HostileFolder();
});
afterAll(() => folder.remove());

/** A command that has loaded everything holds some 110 MB; a header may be 100 MB, read once as bytes and once as text. */
const PEAK_BYTES = 450e6;

/** What the error must say, in its message, `found` or hint. */
type Row = readonly [name: string, bytes: Uint8Array | string, says: RegExp];

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.of(...values);
const matrix = one("I32", "[2,2]", "[0,16]");
const offsets = (written: string) => raw(one("U8", "[1]", written), 1);
const shape = (written: string, length = 1) => raw(one("U8", written, `[0,${length}]`), length);
const named = (name: string) => raw(`{${name}:${entry("U8", "[1]", "[0,1]")}}`, 1);
const foreign = (...names: readonly string[]) => {
  const { header, bytes: length } = halves(names.map((name) => [name, [64, 64]]));
  return raw(header, length);
};

const HEADERS: readonly Row[] = [
  ["an empty file", "", /empty file/],
  ["a header length and nothing more", bytes(0x3c, 0, 0, 0, 0, 0, 0, 0), /0 bytes after the length.*60 bytes/s],
  ["a header length of 2^63 and more", bytes(0x3c, 0, 0, 0, 0, 0xff, 0xff, 0xff), /header.*at most 100000000 bytes/s],
  ["a header length of 2^63", raw(matrix, 16, 2n ** 63n), /at most 100000000 bytes/],
  ["a header length of 2^53 + 1", raw(matrix, 16, 2n ** 53n + 1n), /9007199254740993 bytes.*at most 100000000/s],
  ["a header that is not UTF-8", raw(bytes(0xff)), /UTF-8/],
  ["a header that is one brace", raw("{"), /JSON at byte 1/],
  ["a list as header", raw("[]"), /object/],
  ["null as header", raw("null"), /object/],
  ["a text as header", raw('"x"'), /object/],
  ["metadata with a number", raw('{"__metadata__":{"a":1}}'), /__metadata__/],
  ["metadata with an object", raw('{"__metadata__":{"a":{}}}'), /__metadata__/],
  ["metadata of 100 MB", raw(`{"__metadata__":{"a":"${"x".repeat(100e6)}"}}`), /at most 100000000 bytes/],
  ["a header padded by 99 MB of spaces", raw(`{}${" ".repeat(99e6)}`), /Stable Diffusion/],
];

const TENSORS: readonly Row[] = [
  ["bytes after the data", raw(matrix, 16 + 35), /after its last tensor.*119 bytes.*84 bytes/s],
  ["two bytes missing", raw(matrix, 14), /truncated.*82 bytes.*84 bytes/s],
  [
    "a hole between tensors",
    raw(`{"a":${entry("U8", "[1]", "[0,1]")},"b":${entry("U8", "[1]", "[2,3]")}}`, 3),
    /"b" leaves a hole/,
  ],
  ["an end before the beginning", offsets("[1,0]"), /"test"/],
  ["a negative offset", offsets("[-1,0]"), /"test"/],
  ["a fraction as offset", offsets("[0,1.5]"), /"test"/],
  ["an exponent in an offset", offsets("[0,1e3]"), /"test"/],
  ["a text as offset", offsets('["0",1]'), /"test"/],
  ["a shape of [2, 2^64 - 2]", raw(one("I32", "[2,18446744073709551614]", "[0,16]"), 16), /"test"/],
  ["a shape of [2, 2^63 - 1]", raw(one("I32", "[2,9223372036854775807]", "[0,16]"), 16), /"test"/],
  ["offsets that disagree with the shape", raw(one("I32", "[2,2]", "[0,4]"), 4), /16/],
  ["a negative axis", shape("[-1]"), /"test"/],
  ["null as axis", shape("[null]"), /"test"/],
  ["an axis of 1e308", shape("[1e308]"), /"test"/],
  ["a million axes", shape(`[${Array(1e6).fill(1).join(",")}]`), /axes|dimensions/],
  ["a dtype that there is not", raw(one("F128", "[1]", "[0,16]"), 16), /F128/],
  ["an odd number of halves of a byte", raw(one("F4", "[1,3]", "[0,1]"), 1), /"test"/],
];

const NAMES: readonly Row[] = [
  ["__proto__ as name", named('"__proto__"'), /Stable Diffusion/],
  ["constructor as name", named('"constructor"'), /Stable Diffusion/],
  ["an empty name", named('""'), /Stable Diffusion/],
  ["a name of a megabyte", named(`"${"x".repeat(1e6)}"`), /1,?024/],
  ["NUL in a name", named('"a\\u0000b"'), /Stable Diffusion/],
  ["half a surrogate pair as name", named('"\\ud800"'), /JSON|surrogate/],
  ["a name that turns the line around", named('"\\u202egnp.exe\\u001b[2J"'), /Stable Diffusion/],
];

const OTHER_FORMATS: readonly Row[] = [
  ["a pickle", bytes(0x80, 2, 0x7d, 0x71, 0, 0x2e, 0, 0, 0, 0), /pickle.*run code/s],
  ["a ZIP of PyTorch", `PK\u0003\u0004${"\0".repeat(22)}\u0010\0\0\0archive/data.pkl`, /PyTorch|pickle/],
  ["a GGUF file", `GGUF\u0003\0\0\0${"\0".repeat(24)}`, /GGUF/],
  ["a page of a site", "<!DOCTYPE html><html><title>Log in</title></html>", /web page|HTML/],
  ["an error as JSON", '{"error":"Unauthorized","message":"log in"}', /JSON/],
  ["a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", /git lfs pull/],
  ["a compressed model", gzipSync(raw(matrix, 16)), /gzip.*unpack/s],
  ["FLUX", foreign("double_blocks.0.img_attn.qkv.weight", "single_blocks.0.linear1.weight"), /FLUX/],
  ["Stable Diffusion 3", foreign("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight"), /Stable Diffusion 3/],
  ["tensors of nothing known", foreign("a.weight", "b.weight"), /Stable Diffusion/],
];

/** No raw control or direction characters, whatever the names in the file. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/;

async function expectRefused(path: string, says: RegExp): Promise<void> {
  const end = await folder.run(["generate", "a cat", "--model", path, "--steps", "1", "--out", "a.png", "--json"]);
  expect({ code: end.code, written: end.written }).toEqual({ code: 2, written: [] });
  const error = printedError(end);
  expect(error.kind).toBe("input");
  expect([error.message, error.found ?? "", error.expected ?? "", error.hint ?? ""].join("\n")).toMatch(says);
  expect(error.hint ?? error.expected).toBeDefined();
  expect(end.stderr).not.toMatch(UNPRINTABLE);
  expect(end.peakBytes).toBeGreaterThan(10e6);
  expect(end.peakBytes).toBeLessThan(PEAK_BYTES);
  const seen = await folder.run(["inspect", path, "--deep"]);
  expect([0, 2]).toContain(seen.code);
  expect(seen.stdout + seen.stderr).not.toMatch(UNPRINTABLE);
  expect(seen.peakBytes).toBeLessThan(PEAK_BYTES);
}

describe.each([
  ["headers", HEADERS],
  ["tensors", TENSORS],
  ["names", NAMES],
  ["other formats", OTHER_FORMATS],
])("%s", (group, rows) => {
  test.concurrent.each(rows.map((row, at) => [...row, at] as const))("%s", async (_, content, says, at) => {
    const path = join(folder.path, `${group.replaceAll(" ", "-")}-${at}.safetensors`);
    writeFileSync(path, content);
    await expectRefused(path, says);
  });
});

test("a file that claims a terabyte is refused before it is mapped", async () => {
  const path = join(folder.path, "terabyte.safetensors");
  const claimed = 2 ** 40;
  writeSparse(path, one("U8", `[${claimed}]`, `[0,${claimed}]`), claimed);
  await expectRefused(path, /larger than any model.*274877906944/s);
});

test.concurrent.each(["ckpt", "pt", "bin", "pth", "onnx", "gguf"])(
  "a .%s file is refused whatever it holds",
  async (ending) => {
    const path = join(folder.path, `model.${ending}`);
    writeFileSync(path, `PK\u0003\u0004${"\0".repeat(22)}\u0010\0\0\0archive/data.pkl`);
    await expectRefused(path, /PyTorch|pickle|ZIP/);
  },
);
