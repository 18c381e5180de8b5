import { describe, expect, it } from "vitest";
import { HELD_OUT, heldOutCombinations, isHeldOut } from "./holdout.js";
import { labelsOf } from "./labels.js";
import { HELD_OUT_PROMPTS, heldOutPrompts, SEEN_PROMPTS, seenPrompts } from "./prompts.js";
import { anyScene, randomScene } from "./random-scene.js";

describe("the split", () => {
  it("holds one partner out for every hair colour, accessory, animal and object", () => {
    expect([...HELD_OUT.hairAndBackground]).toHaveLength(8);
    expect([...HELD_OUT.accessoryAndClothesColour]).toHaveLength(7);
    expect([...HELD_OUT.animalAndColour]).toHaveLength(7);
    expect([...HELD_OUT.objectAndColour]).toHaveLength(7);
    for (const map of Object.values(HELD_OUT)) expect(new Set(map.values()).size).toBe(map.size);
  });

  it("never shows a held-out pair in training, and shows every other pair", () => {
    const seen = {
      hair: new Set<string>(),
      worn: new Set<string>(),
      animal: new Set<string>(),
      object: new Set<string>(),
    };
    for (let seed = 0; seed < 20_000; seed++) {
      const scene = randomScene(seed);
      if (scene.kind === "character") {
        seen.hair.add(`${scene.hairColour}|${scene.background}`);
        if (scene.accessory !== "no accessory") seen.worn.add(`${scene.accessory}|${scene.clothesColour}`);
      } else if (scene.kind === "animal") seen.animal.add(`${scene.animal}|${scene.animalColour}`);
      else seen.object.add(`${scene.object}|${scene.objectColour}`);
    }
    const heldOut = (map: ReadonlyMap<string, string>) => [...map].map(([row, column]) => `${row}|${column}`);
    expect(heldOut(HELD_OUT.hairAndBackground).filter((pair) => seen.hair.has(pair))).toEqual([]);
    expect(heldOut(HELD_OUT.accessoryAndClothesColour).filter((pair) => seen.worn.has(pair))).toEqual([]);
    expect(heldOut(HELD_OUT.animalAndColour).filter((pair) => seen.animal.has(pair))).toEqual([]);
    expect(heldOut(HELD_OUT.objectAndColour).filter((pair) => seen.object.has(pair))).toEqual([]);
    expect(seen.hair.size).toBe(8 * 9 - 8);
    expect(seen.worn.size).toBe(7 * 7 - 7);
    expect(seen.animal.size).toBe(7 * 7 - 7);
    expect(seen.object.size).toBe(7 * 7 - 7);
  });

  it("leaves scenes alone that hold no such pair", () => {
    let held = 0;
    for (let seed = 0; seed < 2000; seed++) {
      if (isHeldOut(anyScene(seed))) held++;
      else expect(randomScene(seed)).toEqual(anyScene(seed));
    }
    // 1/9 of hair colours and 0.8 * 1/7 of accessories for characters, 1/7 of the rest: about 20 %.
    expect(held / 2000).toBeGreaterThan(0.15);
    expect(held / 2000).toBeLessThan(0.26);
  });
});

describe("evaluation prompts", () => {
  it("asks for each held-out pair once, and for nothing else that was never drawn", () => {
    expect(HELD_OUT_PROMPTS.map(({ scene }) => heldOutCombinations(scene).join())).toEqual([
      ...Array<string>(8).fill("hairAndBackground"),
      ...Array<string>(7).fill("accessoryAndClothesColour"),
      ...Array<string>(7).fill("animalAndColour"),
      ...Array<string>(7).fill("objectAndColour"),
    ]);
    expect(new Set(HELD_OUT_PROMPTS.map(({ text }) => text)).size).toBe(29);
    expect(SEEN_PROMPTS).toHaveLength(32);
    expect(SEEN_PROMPTS.filter(({ scene }) => isHeldOut(scene))).toEqual([]);
    expect(new Set(SEEN_PROMPTS.map(({ text }) => text)).size).toBe(32);
  });

  it("tests by prompts of the same kinds that nothing was chosen by", () => {
    const looked = new Set([...seenPrompts(6), ...heldOutPrompts(6)].map(({ text }) => text));
    const [seen, heldOut] = [seenPrompts(6, "test"), heldOutPrompts(6, "test")];
    expect([...seen, ...heldOut].filter(({ text }) => looked.has(text))).toEqual([]);
    expect(new Set([...seen, ...heldOut].map(({ text }) => text)).size).toBe(192 + 174);
    expect(seen.filter(({ scene }) => isHeldOut(scene))).toEqual([]);
    expect(heldOut.filter(({ scene }) => heldOutCombinations(scene).length !== 1)).toEqual([]);
    expect(heldOut[0]!.text).toMatchInlineSnapshot(
      `"1girl, black hair, long hair, blue eyes, wink, hair flower, white hoodie, fair skin, peace sign, forest, flat color"`,
    );
  });

  it("has no more prompts of a pair than there are words for", () => {
    expect(() => heldOutPrompts(500)).toThrow(RangeError);
  });

  it("expects of a picture what its text says", () => {
    for (const { text, expected } of [...SEEN_PROMPTS, ...HELD_OUT_PROMPTS])
      for (const [attribute, word] of Object.entries(expected))
        if (attribute !== "kind" && word !== "no accessory") expect(text, attribute).toContain(word);
  });

  it("is the fixed list of this version", () => {
    expect(SEEN_PROMPTS[0]!.text).toMatchInlineSnapshot(
      `"1girl, blonde hair, twintails, green eyes, smile, hair flower, black hoodie, fair skin, peace sign, polka dots, anime style"`,
    );
    expect(HELD_OUT_PROMPTS[0]!.text).toMatchInlineSnapshot(
      `"1boy, black hair, spiky hair, laughing, cat ears, yellow sailor uniform, fair skin, peace sign, forest, anime style"`,
    );
    expect(HELD_OUT_PROMPTS[28]!.text).toMatchInlineSnapshot(`"purple mushroom, polka dots, anime style"`);
    expect(labelsOf(HELD_OUT_PROMPTS[28]!.scene)).toMatchInlineSnapshot(`
      {
        "accessory": -1,
        "animal": -1,
        "animalColour": -1,
        "background": 8,
        "clothes": -1,
        "clothesColour": -1,
        "expression": -1,
        "eyeColour": -1,
        "hairColour": -1,
        "hairStyle": -1,
        "kind": 2,
        "object": 6,
        "objectColour": 5,
        "person": -1,
        "pose": -1,
        "skin": -1,
        "style": 0,
      }
    `);
  });
});
