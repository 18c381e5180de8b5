// The colour of every colour word. Chosen far apart, since the model sees pictures through an 8-fold compression.
import type { AnimalColour, ClothesColour, EyeColour, HairColour, ObjectColour, Skin } from "../vocabulary.js";
import type { Colour } from "./colour.js";

export const INK: Colour = "#2a1636";
export const WHITE: Colour = "#ffffff";
export const BLUSH: Colour = "#ff6f7d";
export const MOUTH: Colour = "#a8243f";
export const TONGUE: Colour = "#ff8a94";
export const GOLD: Colour = "#ffc928";

export const HAIR: Readonly<Record<HairColour, Colour>> = {
  "black hair": "#39344f",
  "brown hair": "#8c5230",
  "blonde hair": "#ffd452",
  "red hair": "#e3342f",
  "pink hair": "#ff8fc0",
  "blue hair": "#3f86f0",
  "green hair": "#3dbb5f",
  "white hair": "#e9ecf7",
};

/** The ring of light on the hair: keeps the hue, which a mix with white would grey. */
export const HAIR_SHINE: Readonly<Record<HairColour, Colour>> = {
  "black hair": "#837db4",
  "brown hair": "#cf9160",
  "blonde hair": "#fff2a6",
  "red hair": "#ff917a",
  "pink hair": "#ffcfe5",
  "blue hair": "#8fc4ff",
  "green hair": "#93e89c",
  "white hair": "#ffffff",
};

export const EYES: Readonly<Record<EyeColour, Colour>> = {
  "blue eyes": "#2a8cff",
  "green eyes": "#1fc257",
  "red eyes": "#f0283c",
  "purple eyes": "#a03df0",
  "yellow eyes": "#ffb400",
  "brown eyes": "#9a5526",
};

export const SKIN: Readonly<Record<Skin, Colour>> = {
  "fair skin": "#ffe6d3",
  "tan skin": "#eeb283",
  "dark skin": "#a86a45",
};

export const CLOTH: Readonly<Record<ClothesColour, Colour>> = {
  red: "#e23b3b",
  yellow: "#ffcd38",
  green: "#35a85a",
  blue: "#3a72dc",
  pink: "#ff94bd",
  white: "#f6f5fb",
  black: "#3a3848",
};

export const FUR: Readonly<Record<AnimalColour, Colour>> = {
  white: "#f8f5f2",
  black: "#45414f",
  brown: "#a4683c",
  orange: "#ff9d3c",
  pink: "#ff9fc4",
  blue: "#5b9bf0",
  green: "#63c463",
};

export const THING: Readonly<Record<ObjectColour, Colour>> = {
  red: "#ea3f3f",
  orange: "#ff8f2e",
  yellow: "#ffd23c",
  green: "#43b85f",
  blue: "#4389ee",
  purple: "#9a5be0",
  pink: "#ff8dbb",
};
