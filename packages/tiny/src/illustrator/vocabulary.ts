// Every word the illustrator knows. The values are the exact words of the captions, so that a prompt, a caption and a label
// cannot drift apart; where two values make one tag ("red" + "hoodie") both tables say so.

export const PERSONS = ["1girl", "1boy"] as const;
export const HAIR_COLOURS = [
  "black hair",
  "brown hair",
  "blonde hair",
  "red hair",
  "pink hair",
  "blue hair",
  "green hair",
  "white hair",
] as const;
export const HAIR_STYLES = [
  "short hair",
  "bob cut",
  "long hair",
  "twintails",
  "ponytail",
  "double bun",
  "spiky hair",
] as const;
export const EYE_COLOURS = ["blue eyes", "green eyes", "red eyes", "purple eyes", "yellow eyes", "brown eyes"] as const;
export const EXPRESSIONS = ["smile", "laughing", "wink", "surprised", "angry", "crying"] as const;
/** "no accessory" is a label, never a tag. */
export const ACCESSORIES = [
  "no accessory",
  "crown",
  "cat ears",
  "witch hat",
  "hair bow",
  "hair flower",
  "glasses",
  "headphones",
] as const;
/** Written after the colour: "red hoodie". */
export const CLOTHES = ["hoodie", "sailor uniform", "kimono", "t-shirt", "scarf", "dress"] as const;
export const CLOTHES_COLOURS = ["red", "yellow", "green", "blue", "pink", "white", "black"] as const;
export const SKINS = ["fair skin", "tan skin", "dark skin"] as const;
export const POSES = ["looking at viewer", "head tilt", "looking to the side", "peace sign"] as const;

/** Written after the colour: "white cat". */
export const ANIMALS = ["cat", "dog", "rabbit", "bear", "bird", "fish", "frog"] as const;
export const ANIMAL_COLOURS = ["white", "black", "brown", "orange", "pink", "blue", "green"] as const;
/** Written after the colour: "pink cake". */
export const OBJECTS = ["flower", "cup", "house", "tree", "star", "cake", "mushroom"] as const;
export const OBJECT_COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink"] as const;

export const BACKGROUNDS = [
  "blue sky",
  "sunset",
  "night sky",
  "city",
  "forest",
  "beach",
  "snow",
  "cherry blossoms",
  "polka dots",
] as const;
export const STYLES = ["anime style", "pastel colors", "flat color"] as const;

export type Person = (typeof PERSONS)[number];
export type HairColour = (typeof HAIR_COLOURS)[number];
export type HairStyle = (typeof HAIR_STYLES)[number];
export type EyeColour = (typeof EYE_COLOURS)[number];
export type Expression = (typeof EXPRESSIONS)[number];
export type Accessory = (typeof ACCESSORIES)[number];
export type Clothes = (typeof CLOTHES)[number];
export type ClothesColour = (typeof CLOTHES_COLOURS)[number];
export type Skin = (typeof SKINS)[number];
export type Pose = (typeof POSES)[number];
export type Animal = (typeof ANIMALS)[number];
export type AnimalColour = (typeof ANIMAL_COLOURS)[number];
export type ObjectName = (typeof OBJECTS)[number];
export type ObjectColour = (typeof OBJECT_COLOURS)[number];
export type Background = (typeof BACKGROUNDS)[number];
export type Style = (typeof STYLES)[number];
