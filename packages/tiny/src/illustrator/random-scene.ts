// seed -> Scene. Training scenes never contain a held-out combination; the split is in holdout.ts.
import { isHeldOut } from "./holdout.js";
import { mixSeed, type Random, randomFrom } from "./random.js";
import type { AnimalScene, CharacterScene, Jitter, ObjectScene, Scene } from "./scene.js";
import {
  ACCESSORIES,
  ANIMAL_COLOURS,
  ANIMALS,
  BACKGROUNDS,
  CLOTHES,
  CLOTHES_COLOURS,
  EXPRESSIONS,
  EYE_COLOURS,
  HAIR_COLOURS,
  HAIR_STYLES,
  type HairStyle,
  OBJECT_COLOURS,
  OBJECTS,
  type Person,
  POSES,
  SKINS,
  STYLES,
} from "./vocabulary.js";

const KINDS = [
  ["character", 80],
  ["animal", 12],
  ["object", 8],
] as const;
const PERSON_WEIGHTS = [
  ["1girl", 65],
  ["1boy", 35],
] as const;
const SKIN_WEIGHTS = [
  [SKINS[0], 60],
  [SKINS[1], 20],
  [SKINS[2], 20],
] as const;
const STYLE_WEIGHTS = [
  [STYLES[0], 60],
  [STYLES[1], 20],
  [STYLES[2], 20],
] as const;

/** Friendly faces more often: they are what most prompts ask for. */
const EXPRESSION_WEIGHTS = EXPRESSIONS.map(
  (expression) => [expression, expression === "angry" || expression === "crying" ? 12 : 19] as const,
);

/** Every style on everybody, in usual proportions: the model is to learn the usual and to be able to do the rest. */
const HAIR_STYLE_WEIGHTS: Readonly<Record<Person, readonly (readonly [HairStyle, number])[]>> = {
  "1girl": HAIR_STYLES.map((style) => [style, style === "spiky hair" ? 4 : style === "short hair" ? 8 : 16] as const),
  "1boy": HAIR_STYLES.map((style) => [style, style === "spiky hair" || style === "short hair" ? 32 : 7] as const),
};

export function randomJitter(random: Random): Jitter {
  return {
    x: random.between(-4, 4),
    y: random.between(-2.5, 2.5),
    scale: random.between(0.95, 1.05),
    tilt: random.between(-3, 3),
    light: random.between(-1, 1),
    side: random.pick([1, -1] as const),
    detail: random.below(2 ** 31),
  };
}

function randomCharacter(random: Random): CharacterScene {
  const person = random.pickWeighted(PERSON_WEIGHTS);
  return {
    kind: "character",
    person,
    hairColour: random.pick(HAIR_COLOURS),
    hairStyle: random.pickWeighted(HAIR_STYLE_WEIGHTS[person]),
    eyeColour: random.pick(EYE_COLOURS),
    expression: random.pickWeighted(EXPRESSION_WEIGHTS),
    accessory: random.chance(0.2) ? "no accessory" : random.pick(ACCESSORIES.slice(1)),
    clothes: random.pick(CLOTHES),
    clothesColour: random.pick(CLOTHES_COLOURS),
    skin: random.pickWeighted(SKIN_WEIGHTS),
    pose: random.pick(POSES),
    background: random.pick(BACKGROUNDS),
    style: random.pickWeighted(STYLE_WEIGHTS),
    jitter: randomJitter(random),
  };
}

function randomAnimal(random: Random): AnimalScene {
  return {
    kind: "animal",
    animal: random.pick(ANIMALS),
    animalColour: random.pick(ANIMAL_COLOURS),
    background: random.pick(BACKGROUNDS),
    style: random.pickWeighted(STYLE_WEIGHTS),
    jitter: randomJitter(random),
  };
}

function randomObject(random: Random): ObjectScene {
  return {
    kind: "object",
    object: random.pick(OBJECTS),
    objectColour: random.pick(OBJECT_COLOURS),
    background: random.pick(BACKGROUNDS),
    style: random.pickWeighted(STYLE_WEIGHTS),
    jitter: randomJitter(random),
  };
}

const DRAW_KIND = { character: randomCharacter, animal: randomAnimal, object: randomObject } as const;

/** Any scene of the vocabulary, held-out combinations included, in the proportions of the training stream. */
export function anyScene(seed: number): Scene {
  const random = randomFrom(seed);
  return DRAW_KIND[random.pickWeighted(KINDS)](random);
}

/** A scene of the training stream: the first of the seed's tries that holds no held-out combination. */
export function randomScene(seed: number): Scene {
  let scene = anyScene(seed);
  for (let attempt = 1; isHeldOut(scene); attempt++) scene = anyScene(mixSeed(seed, attempt));
  return scene;
}
