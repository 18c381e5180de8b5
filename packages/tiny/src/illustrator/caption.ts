// Scene -> caption: tags ("1girl, blue hair, twintails, night sky") or one sentence with the same words. A caption may
// leave things out and change their order; it never says what the picture does not show.
import { type Random, randomFrom } from "./random.js";
import { type CharacterScene, type Scene, showsEyeColour } from "./scene.js";
import type { Accessory, Background, Expression, HairStyle, Person, Pose, Style } from "./vocabulary.js";

/** All tags of a scene in the usual order: what it is first. */
export function tagsOf(scene: Scene): readonly string[] {
  const setting = [scene.background, scene.style];
  switch (scene.kind) {
    case "character":
      return [
        scene.person,
        scene.hairColour,
        scene.hairStyle,
        ...(showsEyeColour(scene) ? [scene.eyeColour] : []),
        scene.expression,
        ...(scene.accessory === "no accessory" ? [] : [scene.accessory]),
        `${scene.clothesColour} ${scene.clothes}`,
        scene.skin,
        scene.pose,
        ...setting,
      ];
    case "animal":
      return [`${scene.animalColour} ${scene.animal}`, ...setting];
    case "object":
      return [`${scene.objectColour} ${scene.object}`, ...setting];
  }
  scene satisfies never;
}

const PERSON_NOUN: Readonly<Record<Person, string>> = { "1girl": "girl", "1boy": "boy" };
const DOING: Readonly<Record<Expression, string>> = {
  smile: "with a smile",
  laughing: "laughing",
  wink: "giving a wink",
  surprised: "looking surprised",
  angry: "looking angry",
  crying: "crying",
};
const WEARING: Readonly<Record<Accessory, string>> = {
  "no accessory": "",
  crown: "a crown",
  "cat ears": "cat ears",
  "witch hat": "a witch hat",
  "hair bow": "a hair bow",
  "hair flower": "a hair flower",
  glasses: "glasses",
  headphones: "headphones",
};
const POSING: Readonly<Record<Pose, string>> = {
  "looking at viewer": "looking at viewer",
  "head tilt": "with a head tilt",
  "looking to the side": "looking to the side",
  "peace sign": "making a peace sign",
};
const PLACE: Readonly<Record<Background, string>> = {
  "blue sky": "under a blue sky",
  sunset: "at sunset",
  "night sky": "under the night sky",
  city: "in the city",
  forest: "in the forest",
  beach: "at the beach",
  snow: "in the snow",
  "cherry blossoms": "under cherry blossoms",
  "polka dots": "with polka dots behind",
};
const MANNER: Readonly<Record<Style, string>> = {
  "anime style": "in anime style",
  "pastel colors": "in pastel colors",
  "flat color": "in flat color",
};
const STYLED: Readonly<Record<HairStyle, (colour: string) => string>> = {
  "short hair": (colour) => `short ${colour} hair`,
  "bob cut": (colour) => article(`${colour} bob cut`),
  "long hair": (colour) => `long ${colour} hair`,
  twintails: (colour) => `${colour} twintails`,
  ponytail: (colour) => article(`${colour} ponytail`),
  "double bun": (colour) => article(`${colour} double bun`),
  "spiky hair": (colour) => `spiky ${colour} hair`,
};

const article = (words: string): string => `${/^[aeiou]/.test(words) ? "an" : "a"} ${words}`;
const without = (words: readonly string[]): readonly string[] => words.filter((part) => part !== "");

/** Style and colour as people say them together ("a red ponytail"), or the one that is kept. */
function hairPhrase(scene: CharacterScene, colour: boolean, style: boolean): string {
  if (!style) return colour ? scene.hairColour : "";
  return STYLED[scene.hairStyle](colour ? scene.hairColour.replace(" hair", "") : "")
    .replace(/ {2,}/g, " ")
    .trim();
}

function characterSentence(scene: CharacterScene, keep: () => boolean): string {
  const features = without([
    hairPhrase(scene, keep(), keep()),
    keep() && showsEyeColour(scene) ? scene.eyeColour : "",
    keep() ? scene.skin : "",
  ]);
  const worn = without([
    keep() ? article(`${scene.clothesColour} ${scene.clothes}`) : "",
    keep() ? WEARING[scene.accessory] : "",
  ]);
  return without([
    article(PERSON_NOUN[scene.person]) + (features.length === 0 ? "" : ` with ${listed(features)}`),
    keep() ? DOING[scene.expression] : "",
    worn.length === 0 ? "" : `wearing ${listed(worn)}`,
    keep() ? POSING[scene.pose] : "",
  ]).join(", ");
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

function subjectSentence(scene: Scene, keep: () => boolean): string {
  switch (scene.kind) {
    case "character":
      return characterSentence(scene, keep);
    case "animal":
      return article(`${scene.animalColour} ${scene.animal}`);
    case "object":
      return article(`${scene.objectColour} ${scene.object}`);
  }
  scene satisfies never;
}

/**
 * The whole scene, or what `keep` leaves of it, as one sentence without a full stop.
 * `keep` is asked once for each part it may leave out.
 */
export function sentenceOf(scene: Scene, keep: () => boolean = () => true): string {
  const separator = scene.kind === "character" ? ", " : " ";
  return without([
    subjectSentence(scene, keep),
    keep() ? PLACE[scene.background] : "",
    keep() ? MANNER[scene.style] : "",
  ]).join(separator);
}

export interface CaptionOptions {
  /** Probability of a sentence instead of tags. */
  readonly sentence?: number;
  /** Probability that tags are shuffled (the subject stays among them, anywhere). */
  readonly shuffle?: number;
  /** Probability with which each tag but the subject is left out. */
  readonly drop?: number;
}

/** A caption of the scene, chosen by `seed`. Never empty: empty captions for guidance are the trainer's to make. */
export function captionOf(scene: Scene, seed: number, options: CaptionOptions = {}): string {
  const { sentence = 0.25, shuffle = 0.5, drop = 0.12 } = options;
  const random: Random = randomFrom(seed);
  const keep = (): boolean => !random.chance(drop);
  if (random.chance(sentence)) return sentenceOf(scene, keep);
  const [subject = "", ...others] = tagsOf(scene);
  const tags = [subject, ...others.filter(keep)];
  return (random.chance(shuffle) ? random.shuffle(tags) : tags).join(", ");
}
