import { describe, expect, it } from "vitest";
import { ABSENT, ATTRIBUTE_NAMES, ATTRIBUTES, labelsOf } from "./labels.js";
import { namedLabels } from "./named-labels.js";
import { HELD_OUT_PROMPTS, SEEN_PROMPTS } from "./prompts.js";

describe("namedLabels", () => {
  it("finds in a scene's tags what the scene shows", () => {
    for (const { text, scene } of [...SEEN_PROMPTS, ...HELD_OUT_PROMPTS]) {
      const { kind: _kind, accessory, ...shown } = labelsOf(scene);
      const { kind, accessory: named, ...found } = namedLabels(text);
      expect(found).toEqual(shown);
      expect(kind).toBe(ABSENT);
      // "no accessory" is a label and never a tag
      expect(named).toBe(ATTRIBUTES.accessory[accessory] === "no accessory" ? ABSENT : accessory);
    }
  });

  it("takes weights and brackets off, and what it does not know for nothing", () => {
    const words = (prompt: string) =>
      ATTRIBUTE_NAMES.flatMap((name) => ATTRIBUTES[name][namedLabels(prompt)[name]] ?? []);
    expect(words("(Blue  hair:1.2), [red hoodie], masterpiece, cat")).toEqual(["blue hair", "hoodie", "red", "cat"]);
    expect(words("a photo of an astronaut")).toEqual([]);
    expect(words("")).toEqual([]);
  });
});
