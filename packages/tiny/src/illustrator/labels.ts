// Scene -> one class index an attribute, for a judge network, and back to words. ABSENT marks what a picture cannot show:
// a house has no hair colour, closed eyes have no eye colour.
import { type Scene, showsEyeColour } from "./scene.js";
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
  OBJECT_COLOURS,
  OBJECTS,
  PERSONS,
  POSES,
  SKINS,
  STYLES,
} from "./vocabulary.js";

/** Attribute -> its classes, in label order. A judge has one head of `classes.length` an attribute. */
export const ATTRIBUTES = {
  kind: ["character", "animal", "object"],
  person: PERSONS,
  hairColour: HAIR_COLOURS,
  hairStyle: HAIR_STYLES,
  eyeColour: EYE_COLOURS,
  expression: EXPRESSIONS,
  accessory: ACCESSORIES,
  clothes: CLOTHES,
  clothesColour: CLOTHES_COLOURS,
  skin: SKINS,
  pose: POSES,
  animal: ANIMALS,
  animalColour: ANIMAL_COLOURS,
  object: OBJECTS,
  objectColour: OBJECT_COLOURS,
  background: BACKGROUNDS,
  style: STYLES,
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Attribute = keyof typeof ATTRIBUTES;

export const ATTRIBUTE_NAMES = Object.keys(ATTRIBUTES) as readonly Attribute[];

/** The class index of an attribute that the picture does not show. */
export const ABSENT = -1;

/** Index an attribute into ATTRIBUTES[attribute], or ABSENT. */
export type Labels = Readonly<Record<Attribute, number>>;

/** The attributes a picture shows, in words; what it does not show is missing. */
export type AttributeWords = { readonly [A in Attribute]?: (typeof ATTRIBUTES)[A][number] };

export function attributeWordsOf(scene: Scene): AttributeWords {
  const { jitter: _, ...words } = scene;
  if (words.kind !== "character" || showsEyeColour({ ...words, jitter: scene.jitter })) return words;
  const { eyeColour: __, ...visible } = words;
  return visible;
}

export function labelsOf(scene: Scene): Labels {
  const words: Readonly<Partial<Record<Attribute, string>>> = attributeWordsOf(scene);
  const index = (attribute: Attribute): number => {
    const word = words[attribute];
    return word === undefined ? ABSENT : (ATTRIBUTES[attribute] as readonly string[]).indexOf(word);
  };
  return Object.fromEntries(ATTRIBUTE_NAMES.map((attribute) => [attribute, index(attribute)])) as Labels;
}

/** The words of labels: the inverse of `labelsOf` on what a picture shows. */
export function wordsOf(labels: Labels): AttributeWords {
  const shown = ATTRIBUTE_NAMES.filter((attribute) => labels[attribute] !== ABSENT);
  return Object.fromEntries(shown.map((attribute) => [attribute, ATTRIBUTES[attribute][labels[attribute]]]));
}
