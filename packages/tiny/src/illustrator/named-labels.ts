// A prompt of tags -> what it names: the labels that a picture of it must show. The inverse of tagsOf, for prompts that people write; words
// that the illustrator does not know name nothing.
import { ABSENT, ATTRIBUTE_NAMES, ATTRIBUTES, type Attribute, type Labels } from "./labels.js";

/** "red hoodie": a colour and a thing, two attributes in one tag. */
const PAIRS: readonly (readonly [colour: Attribute, thing: Attribute])[] = [
  ["clothesColour", "clothes"],
  ["animalColour", "animal"],
  ["objectColour", "object"],
];
const SINGLE: readonly Attribute[] = ATTRIBUTE_NAMES.filter((name) => name !== "kind" && !PAIRS.flat().includes(name));

const indexIn = (attribute: Attribute, word: string): number =>
  (ATTRIBUTES[attribute] as readonly string[]).indexOf(word);

/** ABSENT for what is not named; of two words for one attribute the last counts. */
export function namedLabels(prompt: string): Labels {
  const labels = Object.fromEntries(ATTRIBUTE_NAMES.map((name) => [name, ABSENT])) as Record<Attribute, number>;
  const name = (attribute: Attribute, word: string) => {
    const index = indexIn(attribute, word);
    if (index >= 0) labels[attribute] = index;
  };
  for (const tag of tagsIn(prompt)) {
    for (const attribute of SINGLE) name(attribute, tag);
    const space = tag.indexOf(" ");
    for (const [colour, thing] of PAIRS) {
      if (indexIn(thing, tag) >= 0) name(thing, tag);
      const [first, rest] = [tag.slice(0, Math.max(0, space)), tag.slice(space + 1)];
      // both, or "hair flower" were a flower
      if (indexIn(colour, first) < 0 || indexIn(thing, rest) < 0) continue;
      name(colour, first);
      name(thing, rest);
    }
  }
  return labels;
}

/** Without brackets and weights: "(blue hair:1.2)" names blue hair. */
function tagsIn(prompt: string): readonly string[] {
  return prompt
    .toLowerCase()
    .replace(/:\s*-?[\d.]+/g, "")
    .replace(/[()[\]{}]/g, "")
    .split(",")
    .map((tag) => tag.trim().replace(/\s+/g, " "));
}
