import { expect, test } from "vitest";
import { splitComposition } from "./composition.js";
import { extractNetworks } from "./networks.js";

test("a hostile name is a name; nobody made a path of it yet", () => {
  expect(extractNetworks("<lora:../../x:1>").networks[0]?.name).toBe("../../x");
  expect(extractNetworks("<lora:x:te=0.5:__proto__=1>").networks[0]?.strengths).toEqual({
    textEncoder: 0.5,
    unet: 0.5,
    dynamicRank: null,
  });
});

test.each(["<lora:x:nan>", "<lora:x:inf>", "<lora:x:1,5>", "<lora:x:te=>", "<lora:x:0.5:0.5:many>"])(
  "%s is refused",
  (tag) => {
    expect(() => extractNetworks(tag)).toThrow(/strength that is no number/);
  },
);

test("a kind that has no strengths keeps its arguments", () => {
  expect(extractNetworks("<hypernet:h:many>").networks).toEqual([
    { kind: "hypernet", name: "h", arguments: ["h", "many"] },
  ]);
});

test("10 MB of open tags, and of parts without AND, in linear time", () => {
  const start = performance.now();
  expect(extractNetworks("<a:".repeat(3_300_000)).networks).toEqual([]);
  expect(extractNetworks(`${"<a:".repeat(3_300_000)}>`).networks).toHaveLength(1);
  for (const text of ["1".repeat(10_000_000), ":1 ".repeat(3_300_000), `a${" ".repeat(10_000_000)}b`])
    expect(splitComposition(text)).toHaveLength(1);
  expect(performance.now() - start).toBeLessThan(20_000);
});

test("AND: letters of any script beside it make it a word; too many parts are refused", () => {
  expect(splitComposition("aéAND b")).toHaveLength(1);
  expect(() => splitComposition("a AND ".repeat(100))).toThrow(/too many parts/);
  expect(() => splitComposition(`a:${"9".repeat(400)}`)).toThrow(/not a finite number/);
});
