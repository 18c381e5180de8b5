// Puts a character together: hair behind, clothes, face, fringe, brows, accessory, hand. It decides where things are and
// what hides what; the shapes are in the other files.
import type { CharacterScene } from "../scene.js";
import type { Pose } from "../vocabulary.js";
import { drawAccessory } from "./accessory.js";
import { drawClothes, drawClothesBehind } from "./clothes.js";
import { type Colour, light, shade, tint } from "./colour.js";
import { drawBrows, drawFace } from "./face.js";
import { drawHairBack, drawHairFront, fringeOf } from "./hair.js";
import { CLOTH, EYES, HAIR, HAIR_SHINE, SKIN } from "./palette.js";
import { group, num, type Pen } from "./pen.js";

interface Stance {
  readonly tilt: number;
  /** How far the features turn aside, in pixels. */
  readonly turn: number;
  readonly hand: boolean;
}

const STANCES: Readonly<Record<Pose, Stance>> = {
  "looking at viewer": { tilt: 0, turn: 0, hand: false },
  "head tilt": { tilt: 13, turn: 0, hand: false },
  "looking to the side": { tilt: 0, turn: 5.5, hand: false },
  "peace sign": { tilt: -4, turn: 0, hand: true },
};

function drawPeaceSign(pen: Pen, skin: Colour, sleeve: Colour): string {
  return group(
    "translate(42 4) scale(1.22)",
    pen.shape("M-9 34C-10 24 -9 16 -7 10H8C11 18 12 26 12 34Z", sleeve),
    pen.shape("M-8.5 13C-9 9.6 9 9.6 9.5 13C9.4 15 -8.4 15 -8.5 13Z", light(sleeve, 0.3)),
    pen.shape("M-6 -2L-11 -18C-12 -22 -6.6 -24 -5 -20L-0.6 -8L3 -21C4.4 -25 9.6 -23.6 8.8 -19.6L5.8 -4Z", skin),
    pen.shape("M-7 -4C-3 -7 5 -7 7.6 -3C9.4 2 8.4 8 6 11H-5C-8 8 -9 2 -7 -4Z", skin),
    pen.line("M-5 2C-2 0 2 1 3 4M-1 -1.6C3 -2 5 0 5.4 2", shade(skin, 0.42), 1.3),
  );
}

export function drawCharacter(scene: CharacterScene, pen: Pen): string {
  const { jitter } = scene;
  const hair = tint(HAIR[scene.hairColour], jitter.light);
  const cloth = tint(CLOTH[scene.clothesColour], jitter.light);
  const skin = tint(SKIN[scene.skin], jitter.light);
  const stance = STANCES[scene.pose];
  const face = {
    person: scene.person,
    expression: scene.expression,
    skin,
    iris: EYES[scene.eyeColour],
    turn: stance.turn,
    fringe: fringeOf(scene.hairStyle),
  };
  const tilt = stance.tilt + jitter.tilt;
  const head = `translate(0 -35) rotate(${num(tilt)} 0 30) scale(1.07)`;
  const sided = (...parts: readonly string[]): string => group(`scale(${jitter.side} 1)`, ...parts);
  return group(
    `translate(${num(64 + jitter.x)} ${num(98 + jitter.y)}) scale(${num(jitter.scale)})`,
    sided(group(head, drawHairBack(scene.hairStyle, hair, cloth, pen))),
    drawClothesBehind(scene.clothes, cloth, pen),
    drawClothes(scene.clothes, cloth, skin, pen),
    sided(
      group(
        head,
        drawFace(face, pen),
        drawHairFront(scene.hairStyle, hair, HAIR_SHINE[scene.hairColour], pen),
        drawBrows(face, hair, pen),
        drawAccessory(scene.accessory, hair, pen),
      ),
      stance.hand ? drawPeaceSign(pen, skin, cloth) : "",
    ),
  );
}
