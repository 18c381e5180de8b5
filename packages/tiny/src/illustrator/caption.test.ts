import { describe, expect, it } from "vitest";
import { captionOf, sentenceOf, tagsOf } from "./caption.js";
import { ATTRIBUTE_NAMES, ATTRIBUTES, attributeWordsOf } from "./labels.js";
import { anyScene } from "./random-scene.js";
import type { CharacterScene, Scene } from "./scene.js";

const COLOURS = [
  "black",
  "brown",
  "blonde",
  "red",
  "pink",
  "blue",
  "green",
  "white",
  "purple",
  "yellow",
  "orange",
  "fair",
  "tan",
  "dark",
];

const nina: CharacterScene = {
  kind: "character",
  person: "1girl",
  hairColour: "blue hair",
  hairStyle: "ponytail",
  eyeColour: "green eyes",
  expression: "wink",
  accessory: "cat ears",
  clothes: "hoodie",
  clothesColour: "red",
  skin: "tan skin",
  pose: "peace sign",
  background: "night sky",
  style: "flat color",
  jitter: { x: 0, y: 0, scale: 1, tilt: 0, light: 0, side: 1, detail: 0 },
};

/** The words a scene allows: whatever of the vocabulary stands in a caption must be among them. */
const truthOf = (scene: Scene): readonly string[] => Object.values(attributeWordsOf(scene));
const contains = (text: string, words: string): boolean => new RegExp(`\\b${words}\\b`).test(text);

/** Vocabulary words (colours apart) and colour words of `text` that the scene does not show. */
function inventedIn(text: string, scene: Scene): readonly string[] {
  const truth = truthOf(scene);
  const spoken = text.replace("a girl", "1girl").replace("a boy", "1boy");
  const things = ATTRIBUTE_NAMES.filter((name) => !/colour|kind/i.test(name)).flatMap(
    (name) => ATTRIBUTES[name] as readonly string[],
  );
  const wrong = things.filter((thing) => contains(spoken, thing) && !truth.some((word) => contains(word, thing)));
  const colours = COLOURS.filter(
    (colour) =>
      contains(spoken.replace("blue sky", ""), colour) &&
      !truth.some((word) => word !== "blue sky" && contains(word, colour)),
  );
  return [...wrong, ...colours];
}

describe("captions", () => {
  it("say everything when nothing is dropped", () => {
    expect(tagsOf(nina).join(", ")).toBe(
      "1girl, blue hair, ponytail, green eyes, wink, cat ears, red hoodie, tan skin, peace sign, night sky, flat color",
    );
    expect(sentenceOf(nina)).toBe(
      "a girl with a blue ponytail, green eyes and tan skin, giving a wink, wearing a red hoodie and cat ears, making a peace sign, under the night sky, in flat color",
    );
  });

  it("do not name the colour of closed eyes", () => {
    const laughing = { ...nina, expression: "laughing" } as const;
    expect(tagsOf(laughing).join()).not.toContain("eyes");
    expect(sentenceOf(laughing)).not.toContain("eyes");
  });

  it("never invent, neither as tags nor as sentences", () => {
    for (let seed = 0; seed < 3000; seed++) {
      const scene = anyScene(seed);
      for (const options of [{ sentence: 0 }, { sentence: 1 }]) {
        const caption = captionOf(scene, seed, options);
        expect(caption).not.toMatch(/^$|^[ ,]|[ ,]$| {2}|,,|undefined/);
        expect(inventedIn(caption, scene), caption).toEqual([]);
      }
    }
  });

  it("the check above does find an invention", () => {
    expect(inventedIn("1girl, twintails, red hair, crown", nina)).toEqual(["twintails", "crown"]);
    expect(inventedIn("a boy with a pink ponytail", nina)).toEqual(["1boy", "pink"]);
  });

  it("drop and shuffle as asked, and always keep the subject", () => {
    const tags = tagsOf(nina);
    const captions = Array.from({ length: 4000 }, (_, seed) => captionOf(nina, seed, { sentence: 0 }).split(", "));
    expect(captions.every((caption) => caption.includes("1girl") && caption.every((tag) => tags.includes(tag)))).toBe(
      true,
    );
    const kept = captions.reduce((sum, caption) => sum + caption.length - 1, 0) / (4000 * (tags.length - 1));
    expect(kept).toBeCloseTo(0.88, 2);
    const sorted = captions.filter((caption) =>
      caption.every((tag, i) => i === 0 || tags.indexOf(caption[i - 1]!) < tags.indexOf(tag)),
    );
    expect(sorted.length / 4000).toBeCloseTo(0.5, 1);
    expect(captionOf(nina, 1, { sentence: 0, drop: 0, shuffle: 0 })).toBe(tags.join(", "));
    expect(captionOf(nina, 1, { sentence: 0, drop: 1 })).toBe("1girl");
    expect(captionOf(nina, 1, { sentence: 1, drop: 1 })).toBe("a girl");
  });
});
