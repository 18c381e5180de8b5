// The face in head coordinates: eyes, brows, mouth and what an expression adds. Everything is exaggerated, since one
// latent cell is eight pixels wide: large eyes with two reflections, large mouths, streaming tears.
import type { Expression, Person } from "../vocabulary.js";
import { type Colour, light, mix, shade } from "./colour.js";
import { BLUSH, INK, MOUTH, TONGUE, WHITE } from "./palette.js";
import { both, flip, group, num, type Pen } from "./pen.js";

type EyeShape = "open" | "wide" | "glaring" | "teary" | "arched" | "winking";

interface Look {
  /** The eye on the picture's right, then the one on its left (drawn mirrored). */
  readonly eyes: readonly [EyeShape, EyeShape];
  /** Path of the brow on the picture's right. */
  readonly brow: string;
  readonly mouth: (pen: Pen) => string;
  /** Tears: under the hair. */
  readonly under?: (pen: Pen) => string;
  /** A comic mark over the hair. */
  readonly over?: (pen: Pen) => string;
}

const TEETH = "M-9.6 30Q-9.6 21.6 0 21.6Q9.6 21.6 9.6 30Q0 27 -9.6 30Z";

/** The four bent strokes with which comics draw a throbbing vein. */
const VEIN = "M-2 -7Q-1.6 -2 -7 -2M2 -7Q1.6 -2 7 -2M-2 7Q-1.6 2 -7 2M2 7Q1.6 2 7 2";

const opened = (pen: Pen, d: string, tongue: string): string => pen.shape(d, MOUTH, 0.9) + pen.fill(tongue, TONGUE);

const LOOKS: Readonly<Record<Expression, Look>> = {
  smile: {
    eyes: ["open", "open"],
    brow: "M9 -8Q15 -12 22 -8",
    mouth: (pen) => pen.line("M-8 23Q0 32 8 23", INK, 2.2),
  },
  laughing: {
    eyes: ["arched", "arched"],
    brow: "M9 -8Q15 -13 22 -9",
    mouth: (pen) =>
      opened(pen, "M-11 19Q0 22 11 19Q10 34 0 34Q-10 34 -11 19Z", "M-7 29Q0 24 7 29Q4 33 0 33Q-4 33 -7 29Z") +
      pen.fill("M-9.5 20Q0 22.6 9.5 20L8.5 23Q0 25 -8.5 23Z", WHITE),
  },
  wink: {
    eyes: ["winking", "open"],
    brow: "M9 -8Q15 -12 22 -8",
    mouth: (pen) =>
      opened(pen, "M-7 21Q0 24 8 20Q8 31 1 31Q-6 31 -7 21Z", "M-3 29Q2 24 6 27Q4 30.4 1 30.4Q-2 30.4 -3 29Z"),
  },
  surprised: {
    eyes: ["wide", "wide"],
    brow: "M9 -12Q15 -17 22 -12",
    mouth: (pen) => pen.ball(0, 27, 4.6, 6, MOUTH, 0.9) + pen.spot(0, 30, 3, 2.4, TONGUE),
  },
  angry: {
    eyes: ["glaring", "glaring"],
    brow: "M6 -2L23 -10",
    mouth: (pen) => pen.fill(TEETH, WHITE) + pen.line(TEETH, INK, 1.7) + pen.line("M-3.4 22.4V28M3.4 22.4V28", INK, 1),
    over: (pen) => group("translate(-24 -23) scale(1.25)", pen.line(VEIN, WHITE, 5), pen.line(VEIN, "#e8203a", 2.6)),
  },
  crying: {
    eyes: ["teary", "teary"],
    brow: "M8 -11Q15 -9 23 -4",
    mouth: (pen) =>
      opened(pen, "M-8 31Q-8 21 0 21Q8 21 8 31Q4 28 0 30Q-4 28 -8 31Z", "M-4 29Q0 25 4 29Q2 28 0 30Q-2 28 -4 29Z"),
    under: (pen) =>
      both(
        pen.fill("M9 18C8 24 8 30 10 35L20 31C21 26 21 22 21 17Z", "#8fdcff", 0.95) +
          pen.line("M12.5 21V31M17 21V29", WHITE, 1.6),
      ),
  },
};

interface EyeInk {
  readonly iris: Colour;
  readonly lashes: boolean;
  readonly gaze: number;
}

const LASH = "M-8.4 3C-8 -7 -4 -11 1 -11C6 -11 9 -7 9.6 -1";
const FLICK = "M8.6 -4L12 -6.5M9.6 -0.5L12.6 -1.5";

function openEye(pen: Pen, ink: EyeInk, grow: number, wet: boolean): string {
  const deep = mix(ink.iris, "#1c0f38", 0.5);
  return [
    pen.fill("M-8 3C-8 -7 -4 -10 1 -10C6 -10 9 -6 9 1C9 8 5 11.4 0.5 11.4C-4 11.4 -8 8 -8 3Z", WHITE),
    group(
      `translate(${num(ink.gaze)} 0) scale(${num(grow)})`,
      pen.spot(0, 0.5, 7.2, 10.3, deep),
      pen.spot(0, 3, 6.4, 7.6, ink.iris),
      pen.spot(0, 7.4, 4.6, 3, light(ink.iris, 0.5)),
      pen.spot(0, 1.4, 2.5, 3.7, mix(deep, "#000000", 0.5)),
      pen.spot(-2.8, -4.2, 2.7, 3, WHITE),
      pen.spot(3, 5, 1.7, 1.8, WHITE),
      wet ? pen.spot(-3, 6.4, 2, 1.6, WHITE) + pen.spot(3, -3, 1.4, 1.6, WHITE) : "",
    ),
    pen.line(LASH, INK, ink.lashes ? 2.7 : 2.3),
    ink.lashes ? pen.line(FLICK, INK, 1.7) : "",
  ].join("");
}

const EYES: Readonly<Record<EyeShape, (pen: Pen, ink: EyeInk, skin: Colour) => string>> = {
  open: (pen, ink) => openEye(pen, ink, 1, false),
  teary: (pen, ink) => openEye(pen, ink, 1, true),
  wide: (pen, ink) =>
    group("scale(1.12 1.14)", openEye(pen, ink, 0.66, false)) +
    pen.line("M-9 2C-8 10 -4 13.4 1 13.4C6 13.4 10 9 10.6 1", INK, 1.2),
  glaring: (pen, ink, skin) =>
    openEye(pen, { ...ink, lashes: false }, 0.95, false) +
    pen.fill("M-11 -14L14 -14L12 -7L-10 0Z", skin) +
    pen.line("M-9.4 -0.5L10.5 -7", INK, 3),
  arched: (pen) => pen.line("M-8.5 4Q0.5 -8 9.5 4", INK, 3),
  winking: (pen, ink) =>
    pen.line("M-8.5 0Q0.5 9 9.5 0", INK, 3) + (ink.lashes ? pen.line("M8 3.5L11 6M4 5.6L5.6 8.6", INK, 1.6) : ""),
};

const FACE = "M-29 -8C-30 8 -27 20 -17 28C-8 35 -4 36 0 36C4 36 8 35 17 28C27 20 30 8 29 -8C28 -30 -28 -30 -29 -8Z";

export interface FaceTraits {
  readonly person: Person;
  readonly expression: Expression;
  readonly skin: Colour;
  readonly iris: Colour;
  /** Pixels by which the features turn towards +x. */
  readonly turn: number;
  /** Path of the fringe, for its shadow. */
  readonly fringe: string;
}

export function drawFace(face: FaceTraits, pen: Pen): string {
  const look = LOOKS[face.expression];
  const [right, left] = look.eyes;
  const lashes = face.person === "1girl";
  const [wide, high] = lashes ? [1.08, 1.08] : [0.98, 0.9];
  const eye = (shape: EyeShape, gaze: number, squeeze: number): string =>
    group(
      `translate(14.6 9.2) scale(${num(wide * squeeze)} ${num(high)})`,
      EYES[shape](pen, { iris: face.iris, lashes, gaze }, face.skin),
    );
  const gaze = face.turn * 0.35;
  return [
    both(pen.ball(29.5, 9, 4.5, 6, face.skin) + pen.spot(30, 9.5, 2, 3.4, shade(face.skin, 0.16))),
    pen.shape(FACE, face.skin),
    `<clipPath id="face"><path d="${FACE}"/></clipPath><g clip-path="url(#face)">`,
    group("translate(0 4)", pen.fill(face.fringe, shade(face.skin, 0.17))),
    "</g>",
    group(
      `translate(${num(face.turn)} 0)`,
      both(pen.spot(20, 21.5, 5.6, 3.4, BLUSH, lashes ? 0.55 : 0.22)),
      // The far eye of a turned face is foreshortened.
      eye(right, gaze, 1 - face.turn * 0.03),
      flip(eye(left, -gaze, 1)),
      pen.line("M-0.8 17.5H0.8", shade(face.skin, 0.4), 1.4),
      look.mouth(pen),
      look.under?.(pen) ?? "",
    ),
  ].join("");
}

/** Brows and comic marks lie over the fringe, as animation draws them, so that a fringe never hides an expression. */
export function drawBrows(face: FaceTraits, hair: Colour, pen: Pen): string {
  const look = LOOKS[face.expression];
  const width = face.person === "1boy" ? 3.8 : 2;
  return group(
    `translate(${num(face.turn)} 0)`,
    both(pen.line(look.brow, mix(hair, INK, 0.62), width)),
    look.over?.(pen) ?? "",
  );
}
