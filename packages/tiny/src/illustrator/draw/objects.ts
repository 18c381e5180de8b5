// Objects in figure coordinates: (0, 0) is the middle of the picture, the ground about y = 52. All of them smile.
import type { ObjectName } from "../vocabulary.js";
import { against, type Colour, light, mix, shade } from "./colour.js";
import { drawCuteFace } from "./cute-face.js";
import { GOLD, WHITE } from "./palette.js";
import { both, group, num, type Pen } from "./pen.js";

const DRAW: Readonly<Record<ObjectName, (pen: Pen, colour: Colour) => string>> = {
  flower: (pen, colour) => {
    const petals = [0, 60, 120, 180, 240, 300].map((turn) =>
      group(`rotate(${num(turn)})`, pen.ball(0, -25, 14, 17, colour), pen.spot(0, -30, 6, 8, light(colour, 0.35))),
    );
    return [
      pen.line("M0 4C4 30 -2 44 0 66", "#1f7a3c", 8),
      pen.line("M0 4C4 30 -2 44 0 66", "#3fae56", 5),
      pen.shape("M2 48C10 34 26 32 36 38C32 50 16 56 2 54Z", "#4cc065"),
      pen.shape("M-1 54C-10 42 -24 42 -32 48C-28 58 -14 62 -1 60Z", "#4cc065"),
      group("translate(0 -14)", ...petals, pen.ball(0, 0, 18, 18, "#ffe9a0")),
      drawCuteFace({ x: 0, y: -17, size: 1.15, apart: 7.5, mouth: "open" }, pen),
    ].join("");
  },
  cup: (pen, colour) =>
    [
      pen.line("M-16 -34C-22 -42 -10 -46 -16 -56M2 -36C-4 -44 8 -48 2 -58M20 -34C14 -42 26 -46 20 -56", WHITE, 4),
      pen.line("M34 -12C54 -16 56 18 34 22", mix(colour, "#241238", 0.82), 11),
      pen.line("M34 -12C54 -16 56 18 34 22", colour, 7.6),
      pen.shape("M-38 -24H38C38 10 34 40 24 48C12 53 -12 53 -24 48C-34 40 -38 10 -38 -24Z", colour),
      pen.fill("M20 -22H37C37 10 33 39 24 47C18 50 10 50.6 6 50.6C18 36 22 10 20 -22Z", shade(colour, 0.2)),
      pen.fill("M-33 -12C-32 8 -29 28 -23 38L-19 36C-24 24 -26 6 -26 -12Z", light(colour, 0.55)),
      pen.ball(0, -24, 38, 8.4, light(colour, 0.3)),
      pen.spot(0, -23, 32, 5.6, "#7a4526"),
      drawCuteFace({ x: 0, y: 10, size: 1.5, apart: 11, mouth: "open" }, pen),
    ].join(""),
  house: (pen, colour) =>
    [
      pen.shape("M18 -46H31V-14H18Z", "#c98f6b"),
      pen.shape("M-36 -10H36V54H-36Z", "#fff2d6"),
      pen.fill("M24 -10H35V53H24Z", shade("#fff2d6", 0.16)),
      pen.shape("M0 -54C4 -54 50 -16 52 -10C53 -4 50 -3 46 -3H-46C-50 -3 -53 -4 -52 -10C-50 -16 -4 -54 0 -54Z", colour),
      pen.fill("M6 -50C18 -40 46 -18 51 -10C52 -5 50 -4 46 -4H26C24 -20 16 -38 6 -50Z", shade(colour, 0.22)),
      pen.line("M-36 -16H-22M-28 -24H-14M-14 -14H0", light(colour, 0.5), 2.6),
      pen.shape("M-11 54V34C-11 22 11 22 11 34V54Z", colour),
      pen.spot(6, 42, 1.8, 1.8, GOLD),
      both(pen.shape("M18 28H32V42H18Z", "#9fe0ff", 0.8) + pen.line("M25 28V42M18 35H32", WHITE, 1.6)),
      drawCuteFace({ x: 0, y: 8, size: 1.2, apart: 12, mouth: "smile" }, pen),
    ].join(""),
  tree: (pen, colour) =>
    [
      pen.shape("M-12 62C-8 48 -9 36 -10 20H10C9 36 8 48 12 62Z", "#9a6238"),
      pen.fill("M3 61C4 46 4 36 4 22H10C9 36 8 48 12 61Z", shade("#9a6238", 0.25)),
      pen.shape(
        "M-30 30C-46 30 -52 14 -44 4C-54 -8 -46 -26 -32 -26C-30 -44 -12 -54 2 -48C14 -58 34 -48 34 -32C50 -28 54 -10 44 2C52 14 46 30 30 30C20 38 -18 38 -30 30Z",
        colour,
      ),
      pen.fill(
        "M-30 29C-18 37 20 37 30 29C46 29 51 14 44 3C38 16 20 22 0 22C-20 22 -36 16 -44 5C-51 14 -46 29 -30 29Z",
        shade(colour, 0.2),
      ),
      pen.fill("M-36 -12C-34 -26 -24 -38 -12 -42C-20 -32 -26 -24 -28 -12Z", light(colour, 0.5)),
      ...[
        [-30, 12],
        [28, -18],
        [32, 16],
        [4, -36],
      ].map(([x, y]) => pen.ball(x!, y!, 4, 4, against(colour, "#ff4a52", GOLD), 0.7)),
      drawCuteFace({ x: 0, y: -6, size: 1.5, apart: 11.5, mouth: "open" }, pen),
    ].join(""),
  star: (pen, colour) =>
    [
      pen.shape(
        "M-5 -50C-3 -56 3 -56 5 -50L15 -26C16 -23 18 -22 21 -21L48 -18C55 -17 57 -11 52 -6L33 12C31 14 30 16 31 19L37 45C38 52 33 56 27 52L5 39C2 37 -2 37 -5 39L-27 52C-33 56 -38 52 -37 45L-31 19C-30 16 -31 14 -33 12L-52 -6C-57 -11 -55 -17 -48 -18L-21 -21C-18 -22 -16 -23 -15 -26Z",
        colour,
      ),
      pen.fill(
        "M31 19L37 45C38 51 33 55 27 51L5 38C2 36 -2 36 -5 38L-27 51C-33 55 -37 51 -36.6 46C-20 36 10 34 31 19Z",
        shade(colour, 0.2),
      ),
      pen.fill("M-8 -36C-6 -42 -2 -48 0 -50L3 -46C-1 -42 -5 -34 -8 -28Z", light(colour, 0.65)),
      drawCuteFace({ x: 0, y: 2, size: 1.5, apart: 11, mouth: "open" }, pen),
    ].join(""),
  cake: (pen, colour) =>
    [
      pen.ball(0, 50, 52, 7, "#f6f7ff"),
      pen.shape("M-38 0H38V44C30 52 -30 52 -38 44Z", "#ffe2ad"),
      pen.fill("M-38 22Q0 31 38 22V30Q0 39 -38 30Z", colour),
      pen.shape(
        "M-40 -8C-40 -24 40 -24 40 -8V8C38 18 31 18 29 9C27 22 17 22 15 11C13 20 3 21 1 11C-1 22 -13 23 -15 11C-17 19 -26 20 -29 9C-31 17 -38 17 -40 8Z",
        colour,
      ),
      pen.fill("M-34 -9C-30 -16 -14 -19 0 -19C-10 -16 -24 -12 -28 -6Z", light(colour, 0.6)),
      pen.shape("M0 -48C-4 -50 -8 -47 -6 -44ZM0 -48C4 -52 9 -48 6 -44Z", "#3fae56", 0.7),
      pen.shape("M0 -18C-10 -22 -15 -34 -9 -42C-5 -46 5 -46 9 -42C15 -34 10 -22 0 -18Z", "#ff3f56"),
      pen.line("M-5 -38v2M1 -36v2M6 -38v2M-2 -30v2M4 -29v2", "#fff0c0", 1.6),
      drawCuteFace({ x: 0, y: 28, size: 1.3, apart: 13, mouth: "smile" }, pen),
    ].join(""),
  mushroom: (pen, colour) =>
    [
      pen.shape("M-22 -4H22C20 20 22 36 28 48C20 58 -20 58 -28 48C-22 36 -20 20 -22 -4Z", "#fff1dd"),
      pen.fill("M10 -4H22C20 20 22 36 28 48C24 53 16 55 8 55.6C14 36 12 16 10 -4Z", shade("#fff1dd", 0.14)),
      pen.shape("M0 -50C32 -50 54 -26 54 -4C54 8 30 10 0 10C-30 10 -54 8 -54 -4C-54 -26 -32 -50 0 -50Z", colour),
      pen.fill("M-53 0C-50 8 -28 9.4 0 9.4C28 9.4 50 8 53 0C40 3 20 3 0 3C-20 3 -40 3 -53 0Z", shade(colour, 0.28)),
      pen.spot(0, -30, 10, 9, WHITE) + pen.spot(-30, -16, 8.4, 8, WHITE) + pen.spot(30, -18, 9, 8.4, WHITE),
      pen.spot(12, -6, 5, 4.4, WHITE) + pen.spot(-12, -8, 4.4, 4, WHITE),
      drawCuteFace({ x: 0, y: 26, size: 1.35, apart: 10.5, mouth: "open" }, pen),
    ].join(""),
};

export function drawObject(object: ObjectName, colour: Colour, pen: Pen): string {
  return DRAW[object](pen, colour);
}
