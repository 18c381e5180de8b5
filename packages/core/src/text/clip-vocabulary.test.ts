// The vocabulary as text against the tokenizer that works on ids.
import { expect, test } from "vitest";
import { loadClipTokenizer } from "./clip-tokenizer.js";
import { clipVocabulary } from "./clip-vocabulary.js";

test("has every token once, and spells what the tokenizer makes of words", async () => {
  const { tokens, merges } = await clipVocabulary();
  const tokenizer = await loadClipTokenizer();
  expect([tokens.length, new Set(tokens).size, merges.length]).toEqual([49408, 49408, 48894]);
  expect(merges.slice(0, 3)).toEqual(["i n", "t h", "a n"]);
  const spelled = (text: string) => tokenizer.encode(text).map((id) => tokens[id]);
  expect(spelled("a photograph of lighthouses!")).toEqual([
    "a</w>",
    "photograph</w>",
    "of</w>",
    "ligh",
    "thou",
    "ses</w>",
    "!</w>",
  ]);
  expect(spelled("<|startoftext|><|endoftext|>")).toEqual(["<|startoftext|>", "<|endoftext|>"]);
  // bytes beyond the printable ones, as characters of their own
  expect(spelled("ı").join("")).toBe("Ä±</w>");
});
