import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLIP_MERGES } from "./clip-merges.js";
import { clipTokenizer, loadClipTokenizer } from "./clip-tokenizer.js";

const tokenizer = clipTokenizer(CLIP_MERGES);
const openClip = clipTokenizer(CLIP_MERGES, { habit: "open-clip" });

interface Row {
  readonly text: string;
  readonly ids: readonly number[];
  readonly open_clip: readonly number[];
}
const { rows } = JSON.parse(
  readFileSync(new URL("../../../../test/golden/data/text/tokens.json", import.meta.url), "utf8"),
) as { rows: readonly Row[] };

test.each(rows)("$text", ({ text, ids, open_clip }) => {
  expect(tokenizer.encode(text)).toEqual(ids.slice(1, -1));
  expect(openClip.encode(text)).toEqual(open_clip.slice(1, -1));
});

// vectors that other projects publish for the same vocabulary
test.each([
  ["Hello, world!", [3306, 267, 1002, 256]],
  ["Special characters: !@#$%^&*()", [1689, 6564, 281, 0, 31, 2, 3, 4, 61, 5, 9, 8475]],
  ["    \t\n", []],
  ["dog", [1929]],
])("%s", (text, ids) => {
  expect(tokenizer.encode(text)).toEqual(ids);
});

test("open_clip reads the end token as text, transformers as the token in any case", () => {
  expect(openClip.encode("<|endoftext|>")).toEqual([27, 347, 40786, 4160, 91, 285]);
  expect(tokenizer.encode("<|EndOfText|>!")).toEqual([49407, 256]);
});

test("transformers lowers a final sigma as any other, Python by its place", () => {
  expect(tokenizer.encode("ΟΔΟΣ")).toEqual(tokenizer.encode("οδοσ"));
  expect(openClip.encode("ΟΔΟΣ")).toEqual(openClip.encode("οδος"));
});

test("a lone surrogate is the replacement character, NUL and controls are bytes", () => {
  expect(tokenizer.encode("a\ud800b")).toEqual(tokenizer.encode("a\ufffdb"));
  expect(tokenizer.encode("\udc00")).toEqual(tokenizer.encode("\ufffd"));
  expect(tokenizer.encode("\u0000")).toHaveLength(1);
  expect(openClip.encode("\u0000")).toEqual([]);
});

test("HTML references: numeric, named, twice encoded, none", () => {
  expect(openClip.encode("&#x41;&#66;&#67")).toEqual(openClip.encode("abc"));
  expect(openClip.encode("&amp;lt;")).toEqual(openClip.encode("<"));
  expect(openClip.encode("&nosuchname; &#xD800; &#9999999;")).toEqual(openClip.encode("&nosuchname; \ufffd \ufffd"));
});

test("the vocabulary loads lazily to the same tokenizer", async () => {
  const loaded = await loadClipTokenizer();
  expect(loaded.encode("a cat")).toEqual(tokenizer.encode("a cat"));
});

// each took minutes or more with an algorithm that is quadratic: naive merging, ordering a run of combining marks
test.each([
  ["a word of 1 MB", "abcdefghij".repeat(100_000)],
  ["one letter, 1 MB", "a".repeat(1_000_000)],
  ["10 MB of words", "a cat, ".repeat(1_500_000)],
  ["100k brackets", "(".repeat(100_000)],
  ["300k combining marks", `a${"\u0301\u0323\u0327".repeat(100_000)}`],
  ["1 MB of blanks", " ".repeat(1_000_000)],
  ["1 MB of &", "&".repeat(1_000_000)],
  ["1 MB of lone surrogates", "\ud800".repeat(300_000)],
])("linear: %s", (_, text) => {
  const start = performance.now();
  tokenizer.encode(text);
  openClip.encode(text);
  expect(performance.now() - start).toBeLessThan(30_000);
});
