// The split. Four kinds of pairs are held out of training: (hair colour, background), (accessory, colour of the clothes),
// (animal, its colour), (object, its colour). Each word of the first column misses exactly one of the second, so every
// word is learned with all others but one, and a prompt with a held-out pair asks for a picture that was never drawn.
import { randomFrom } from "./random.js";
import type { Scene } from "./scene.js";
import {
  ACCESSORIES,
  type Accessory,
  ANIMAL_COLOURS,
  ANIMALS,
  BACKGROUNDS,
  CLOTHES_COLOURS,
  HAIR_COLOURS,
  OBJECT_COLOURS,
  OBJECTS,
} from "./vocabulary.js";

/**
 * Changing this number changes what a trained model has seen: it belongs to the model's card. It is one of the seeds that
 * leave in training what people ask for first: a green frog, a yellow star, a red mushroom, white hair in the snow.
 */
export const HOLDOUT_SEED = 52;

/** Pairs row i with entry i of the shuffled columns (again from the start when there are more rows). */
function pairs<R, C>(rows: readonly R[], columns: readonly C[], salt: number): ReadonlyMap<R, C> {
  const mixed = randomFrom(HOLDOUT_SEED + salt).shuffle(columns);
  return new Map(rows.map((row, i) => [row, mixed[i % mixed.length]!] as const));
}

export const HELD_OUT = {
  /** Hair colour -> the background it is never drawn before. */
  hairAndBackground: pairs(HAIR_COLOURS, BACKGROUNDS, 1),
  /** Accessory -> the colour of clothes it is never drawn with; going without one is not a combination. */
  accessoryAndClothesColour: pairs(
    ACCESSORIES.filter((accessory): accessory is Accessory => accessory !== "no accessory"),
    CLOTHES_COLOURS,
    2,
  ),
  animalAndColour: pairs(ANIMALS, ANIMAL_COLOURS, 3),
  objectAndColour: pairs(OBJECTS, OBJECT_COLOURS, 4),
} as const;

export type HeldOutPair = keyof typeof HELD_OUT;

/** Which held-out pairs the scene holds; none for a scene of the training stream. */
export function heldOutCombinations(scene: Scene): readonly HeldOutPair[] {
  const held: readonly (readonly [HeldOutPair, boolean])[] = [
    [
      "hairAndBackground",
      scene.kind === "character" && HELD_OUT.hairAndBackground.get(scene.hairColour) === scene.background,
    ],
    [
      "accessoryAndClothesColour",
      scene.kind === "character" && HELD_OUT.accessoryAndClothesColour.get(scene.accessory) === scene.clothesColour,
    ],
    ["animalAndColour", scene.kind === "animal" && HELD_OUT.animalAndColour.get(scene.animal) === scene.animalColour],
    ["objectAndColour", scene.kind === "object" && HELD_OUT.objectAndColour.get(scene.object) === scene.objectColour],
  ];
  return held.filter(([, holds]) => holds).map(([pair]) => pair);
}

/** Whether the scene holds a combination that training never draws. */
export function isHeldOut(scene: Scene): boolean {
  return heldOutCombinations(scene).length > 0;
}
