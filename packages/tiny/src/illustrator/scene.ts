// A Scene is what a picture shows, as plain data: everything the caption may say, and the jitter it never says.
// It holds no geometry and no colours; draw/ gives it those.
import type {
  Accessory,
  Animal,
  AnimalColour,
  Background,
  Clothes,
  ClothesColour,
  Expression,
  EyeColour,
  HairColour,
  HairStyle,
  ObjectColour,
  ObjectName,
  Person,
  Pose,
  Skin,
  Style,
} from "./vocabulary.js";

/** What differs between two pictures of the same words. */
export interface Jitter {
  /** Offset of the figure in pixels of a 128-pixel picture. */
  readonly x: number;
  readonly y: number;
  /** Size of the figure, 1 as designed. */
  readonly scale: number;
  /** Degrees, added to the pose's own tilt. */
  readonly tilt: number;
  /** -1 (darker) to 1 (lighter): a slight change of every colour of the figure. */
  readonly light: number;
  /** Which way asymmetric things point. */
  readonly side: 1 | -1;
  /** Seed of the background's small things: clouds, stars, petals. */
  readonly detail: number;
}

interface Setting {
  readonly background: Background;
  readonly style: Style;
  readonly jitter: Jitter;
}

export interface CharacterScene extends Setting {
  readonly kind: "character";
  readonly person: Person;
  readonly hairColour: HairColour;
  readonly hairStyle: HairStyle;
  readonly eyeColour: EyeColour;
  readonly expression: Expression;
  readonly accessory: Accessory;
  readonly clothes: Clothes;
  readonly clothesColour: ClothesColour;
  readonly skin: Skin;
  readonly pose: Pose;
}

export interface AnimalScene extends Setting {
  readonly kind: "animal";
  readonly animal: Animal;
  readonly animalColour: AnimalColour;
}

export interface ObjectScene extends Setting {
  readonly kind: "object";
  readonly object: ObjectName;
  readonly objectColour: ObjectColour;
}

export type Scene = CharacterScene | AnimalScene | ObjectScene;

/** Laughing eyes are closed: their colour is not in the picture, so no caption may name it. */
export function showsEyeColour(scene: CharacterScene): boolean {
  return scene.expression !== "laughing";
}
