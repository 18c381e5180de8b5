// Scene -> SVG text of a 128 x 128 drawing. Pure and without a platform: a browser may show it as it is.
import { randomFrom } from "../random.js";
import type { Scene } from "../scene.js";
import { drawAnimal } from "./animals.js";
import { drawBackground } from "./background.js";
import { drawCharacter } from "./character.js";
import { tint } from "./colour.js";
import { drawObject } from "./objects.js";
import { FUR, THING } from "./palette.js";
import { group, num, type Pen, penOf } from "./pen.js";

/** Side of the drawing in its own units, which are pixels at the training size. */
export const DRAWING_SIZE = 128;

function drawFigure(scene: Scene, pen: Pen): string {
  const { jitter } = scene;
  const placed = (drawing: string): string =>
    group(
      `translate(${num(64 + jitter.x)} ${num(68 + jitter.y)}) rotate(${num(jitter.tilt)}) scale(${num(jitter.side * jitter.scale)} ${num(jitter.scale)})`,
      drawing,
    );
  switch (scene.kind) {
    case "character":
      return drawCharacter(scene, pen);
    case "animal":
      return placed(drawAnimal(scene.animal, tint(FUR[scene.animalColour], jitter.light), pen));
    case "object":
      return placed(drawObject(scene.object, tint(THING[scene.objectColour], jitter.light), pen));
  }
  scene satisfies never;
}

/**
 * The scene as an SVG document: 128 x 128 units, no fonts, no references outside itself. Its ids ("sky", "face") are the
 * same in every drawing, so a page shows several as images, not inline.
 */
export function drawScene(scene: Scene): string {
  const pen = penOf(scene.style);
  const size = `width="${DRAWING_SIZE}" height="${DRAWING_SIZE}" viewBox="0 0 ${DRAWING_SIZE} ${DRAWING_SIZE}"`;
  const background = drawBackground(scene.background, pen, randomFrom(scene.jitter.detail));
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${background}${drawFigure(scene, pen)}</svg>`;
}
