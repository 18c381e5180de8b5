// The split. Four kinds of pairs are held out of training: (hair colour, background), (accessory, colour of the clothes),
// (animal, its colour), (object, its colour). Each word of the first column misses exactly one of the second, so every
// word is learned with all others but one, and a prompt with a held-out pair asks for a picture that was never drawn.
import { randomFrom } from "./random.js";
import type { Scene } from "./scene.js";
import {
  ACCESSORIES,
  ANIMAL_COLOURS,
  ANIMALS,
  BACKGROUNDS,
  CLOTHES_COLOURS,
  HAIR_COLOURS,
  OBJECT_COLOURS,
  OBJECTS,
} from "./vocabulary.js";

/** Changing this number changes what a trained model has seen: it belongs to the model's card. */
export const HOLDOUT_SEED = 20_260;

/** Pairs row i with entry i of the shuffled columns (again from the start when there are more rows). */
function pairs<R extends string, C extends string>(
  rows: readonly R[],
  columns: readonly C[],
  salt: number,
): ReadonlyMap<R, C> {
  const mixed = randomFrom(HOLDOUT_SEED + salt).shuffle(columns);
  return new Map(rows.map((row, i) => [row, mixed[i % mixed.length]!] as const));
}

export const HELD_OUT = {
  /** Hair colour -> the background it is never drawn before. */
  hairAndBackground: pairs(HAIR_COLOURS, BACKGROUNDS, 1),
  /** Accessory -> the colour of clothes it is never drawn with; going without one is not a combination. */
  accessoryAndClothesColour: pairs(
    ACCESSORIES.filter((accessory) => accessory !== "no accessory"),
    CLOTHES_COLOURS,
    2,
  ),
  animalAndColour: pairs(ANIMALS, ANIMAL_COLOURS, 3),
  objectAndColour: pairs(OBJECTS, OBJECT_COLOURS, 4),
} as const;

/** Whether the scene holds a combination that training never draws. */
export function isHeldOut(scene: Scene): boolean {
  switch (scene.kind) {
    case "character":
      return (
        HELD_OUT.hairAndBackground.get(scene.hairColour) === scene.background ||
        (scene.accessory !== "no accessory" &&
          HELD_OUT.accessoryAndClothesColour.get(scene.accessory) === scene.clothesColour)
      );
    case "animal":
      return HELD_OUT.animalAndColour.get(scene.animal) === scene.animalColour;
    case "object":
      return HELD_OUT.objectAndColour.get(scene.object) === scene.objectColour;
  }
  scene satisfies never;
}
