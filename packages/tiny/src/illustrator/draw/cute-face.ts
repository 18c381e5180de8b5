// The small face that animals and objects share: dark shining eyes, blush and a smile.
import type { Colour } from "./colour.js";
import { BLUSH, INK, MOUTH, TONGUE, WHITE } from "./palette.js";
import { both, group, num, type Pen } from "./pen.js";

export interface CuteFace {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** Distance of the eyes from the middle. */
  readonly apart: number;
  readonly mouth: "smile" | "open" | "muzzle" | "none";
  /** A pale ring around the eyes, without which they sink into dark fur. */
  readonly ring?: Colour;
}

const MOUTHS: Readonly<Record<CuteFace["mouth"], (pen: Pen) => string>> = {
  none: () => "",
  smile: (pen) => pen.line("M-4 3Q0 8 4 3", INK, 1.8),
  open: (pen) => pen.shape("M-5 3Q0 4.6 5 3Q5 10 0 10Q-5 10 -5 3Z", MOUTH, 0.8) + pen.spot(0, 8.4, 3, 1.5, TONGUE),
  muzzle: (pen) => pen.line("M-7 5Q-4 10 0 6Q4 10 7 5M0 6V3", INK, 1.8),
};

export function drawCuteFace(face: CuteFace, pen: Pen): string {
  const eye =
    (face.ring === undefined ? "" : pen.spot(0, 0, 5.5, 6.5, face.ring)) +
    pen.spot(0, 0, 4.6, 5.6, INK) +
    pen.spot(-1.5, -2, 1.9, 2.1, WHITE) +
    pen.spot(1.6, 2.2, 1, 1.1, WHITE);
  return group(
    `translate(${num(face.x)} ${num(face.y)}) scale(${num(face.size)})`,
    group(`translate(${num(-face.apart)} 0)`, eye),
    group(`translate(${num(face.apart)} 0)`, eye),
    both(pen.spot(face.apart + 5, 7, 4.2, 2.6, BLUSH, 0.6)),
    MOUTHS[face.mouth](pen),
  );
}
