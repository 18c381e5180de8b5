import { describe, expect, it } from "vitest";
import { ABSENT, ATTRIBUTE_NAMES, ATTRIBUTES, attributeWordsOf, labelsOf, wordsOf } from "./labels.js";
import { anyScene } from "./random-scene.js";

describe("labels", () => {
  it("go from words to classes and back", () => {
    for (let seed = 0; seed < 3000; seed++) {
      const scene = anyScene(seed);
      expect(wordsOf(labelsOf(scene))).toEqual(attributeWordsOf(scene));
    }
  });

  it("reach every class of every attribute within 3000 scenes", () => {
    const met = new Set<string>();
    for (let seed = 0; seed < 3000; seed++) {
      const labels = labelsOf(anyScene(seed));
      for (const attribute of ATTRIBUTE_NAMES) met.add(`${attribute} ${labels[attribute]}`);
    }
    const missing = ATTRIBUTE_NAMES.flatMap((attribute) =>
      ATTRIBUTES[attribute].map((_, index) => `${attribute} ${index}`).filter((name) => !met.has(name)),
    );
    expect(missing).toEqual([]);
  });

  it("mark what cannot be seen as absent", () => {
    for (let seed = 0; seed < 500; seed++) {
      const scene = anyScene(seed);
      const labels = labelsOf(scene);
      if (scene.kind !== "character")
        expect([labels.hairColour, labels.expression, labels.pose]).toEqual([ABSENT, ABSENT, ABSENT]);
      else {
        expect([labels.animal, labels.objectColour]).toEqual([ABSENT, ABSENT]);
        expect(labels.eyeColour === ABSENT).toBe(scene.expression === "laughing");
      }
    }
  });
});
