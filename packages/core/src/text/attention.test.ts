import { expect, test } from "vitest";
import { parseA1111Attention } from "./attention-a1111.js";
import { parseComfyuiAttention } from "./attention-comfyui.js";
import { pythonFloat } from "./python-syntax.js";
import { isBreak, type WeightedText } from "./weighted-text.js";

const pairs = (pieces: readonly WeightedText[]) => pieces.map(({ text, weight }) => [text, weight]);
const code = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

// the original's own examples
test.each([
  ["normal text", [["normal text", 1]]],
  [
    "an (important) word",
    [
      ["an ", 1],
      ["important", 1.1],
      [" word", 1],
    ],
  ],
  ["(unbalanced", [["unbalanced", 1.1]]],
  ["\\(literal\\]", [["(literal]", 1]]],
  ["(unnecessary)(parens)", [["unnecessaryparens", 1.1]]],
])("A1111: %s", (text, expected) => {
  expect(pairs(parseA1111Attention(text))).toEqual(expected);
});

test("A1111: letters of any script beside BREAK make it part of a word", () => {
  expect(parseA1111Attention("a BREAK, b").some(isBreak)).toBe(true);
  for (const text of ["éBREAK b", "a BREAK日", "_BREAK", "BREAK2"])
    expect(parseA1111Attention(text).some(isBreak)).toBe(false);
});

test("a weight that is no number, or an infinite product, is refused", () => {
  expect(code(() => parseA1111Attention("(a:1.2.3)"))).toBe("prompt-weight-invalid");
  expect(code(() => parseA1111Attention(`(a:${"9".repeat(400)})`))).toBe("prompt-weight-invalid");
  for (const weight of ["inf", "-Infinity", "nan", "1e999"])
    expect(code(() => parseComfyuiAttention(`(a:${weight})`))).toBe("prompt-weight-invalid");
  expect(code(() => parseA1111Attention("(".repeat(257)))).toBe("prompt-too-deep");
  expect(code(() => parseComfyuiAttention("(".repeat(257)))).toBe("prompt-too-deep");
});

/** ComfyUI's definition, level by level, on a text whose escaped brackets are private characters. */
function byDefinition(text: string, weight: number): WeightedText[] {
  const items: string[] = [];
  let item = "";
  let level = 0;
  for (const character of text) {
    if (character === "(" && level++ === 0) {
      if (item !== "") items.push(item);
      item = "(";
    } else if (character === ")" && --level === 0) {
      items.push(`${item})`);
      item = "";
    } else item += character;
  }
  if (item !== "") items.push(item);
  return items.flatMap((piece) => {
    if (piece.length < 2 || !piece.startsWith("(") || !piece.endsWith(")")) return [{ text: piece, weight }];
    const inner = piece.slice(1, -1);
    const colon = inner.lastIndexOf(":");
    const written = colon > 0 ? pythonFloat(inner.slice(colon + 1)) : undefined;
    return written === undefined ? byDefinition(inner, weight * 1.1) : byDefinition(inner.slice(0, colon), written);
  });
}

test("ComfyUI: equals the definition on 50,000 random texts", () => {
  let state = 7;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pieces = ["(", "(", ")", ")", ":", "1.5", "a", " ", "\\(", "\\)", "\\", ":2", ":-.5)"];
  for (let i = 0; i < 50_000; i++) {
    const text = Array.from({ length: draw(16) }, () => pieces[draw(pieces.length)]).join("");
    const hidden = text.replaceAll("\\)", "\0\x01").replaceAll("\\(", "\0\x02");
    const expected = byDefinition(hidden, 1)
      .map((one) => ({ ...one, text: one.text.replaceAll("\0\x01", ")").replaceAll("\0\x02", "(") }))
      .filter((one) => one.text !== "");
    expect([text, parseComfyuiAttention(text)]).toEqual([text, expected]);
  }
});

test.each([
  ["10 MB of weights", "(cat:1.2), ".repeat(900_000)],
  ["10 MB of colons", ":".repeat(10_000_000)],
  ["10 MB of blanks", " ".repeat(10_000_000)],
  ["10 MB of digits", `(a:${"1".repeat(10_000_000)}`],
  ["10 MB of closing brackets", ")".repeat(10_000_000)],
  ["BREAK and blanks", `BREAK${" ".repeat(1000)}`.repeat(5_000)],
  ["deep and long", `${"(".repeat(200)}${"a (b) ".repeat(100_000)}${")".repeat(200)}`],
])("linear: %s", (_, text) => {
  const start = performance.now();
  code(() => parseA1111Attention(text));
  code(() => parseComfyuiAttention(text));
  expect(performance.now() - start).toBeLessThan(20_000);
});

test("floats as Python reads them", () => {
  for (const [text, value] of [
    [" 1.5\n", 1.5],
    ["1_0.5", 10.5],
    [".5e1", 5],
    ["+2.", 2],
    ["\x1c1\x85", 1],
  ] as const)
    expect(pythonFloat(text)).toBe(value);
  for (const text of ["", "1__0", "_1", "1 2", "0x1", "1e", ".", "\ufeff1", "1,5"])
    expect(pythonFloat(text)).toBeUndefined();
});
