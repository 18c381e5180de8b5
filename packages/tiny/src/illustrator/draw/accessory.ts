// What is worn on the head, in head coordinates, drawn over the hair.
import type { Accessory } from "../vocabulary.js";
import { type Colour, light, shade } from "./colour.js";
import { GOLD, INK, WHITE } from "./palette.js";
import { both, group, num, type Pen } from "./pen.js";

const HAT: Colour = "#4b3a8c";
const BOW: Colour = "#ff3f62";

const DRAW: Readonly<Record<Accessory, (pen: Pen, hair: Colour) => string>> = {
  "no accessory": () => "",

  crown: (pen) =>
    pen.shape("M-21 -30L-25 -49L-12 -40L0 -54L12 -40L25 -49L21 -30Q0 -24 -21 -30Z", GOLD) +
    pen.fill("M8 -28L10 -38L12 -40L25 -49L21 -30Q15 -28.4 8 -28Z", shade(GOLD, 0.2)) +
    pen.ball(0, -34, 3.6, 4, "#f0385c", 0.7) +
    both(pen.ball(13, -35, 2.4, 2.8, "#37a6ff", 0.7) + pen.ball(25, -49, 2.6, 2.6, WHITE, 0.7)) +
    pen.ball(0, -54, 2.8, 2.8, WHITE, 0.7),

  "cat ears": (pen, hair) =>
    both(
      pen.shape("M10 -35C14 -46 22 -56 33 -58C37 -46 37 -32 33 -20C28 -28 20 -34 10 -35Z", hair) +
        pen.fill("M19 -36C21 -43 25 -49 31 -51C33 -44 33 -36 31 -28C28 -32 24 -35 19 -36Z", "#ff9fb4"),
    ),

  "witch hat": (pen) =>
    pen.shape("M-26 -24C-22 -38 -15 -46 -8 -55C0 -63 16 -62 25 -51C17 -53 13 -50 13 -45C18 -40 23 -33 26 -24Z", HAT) +
    pen.fill("M11 -24C13 -34 11 -43 7 -51C13 -50 13 -47 13 -45C18 -40 23 -33 26 -24Z", shade(HAT, 0.35)) +
    pen.shape("M-52 -16C-40 -29 40 -29 52 -16C40 -20 22 -22 0 -22C-22 -22 -40 -20 -52 -16Z", HAT) +
    pen.shape(
      "M-25.5 -26C-25 -31 -23.6 -34 -22.4 -37C-8 -33 8 -33 22.4 -37C23.6 -34 25 -31 25.5 -26C10 -23 -10 -23 -25.5 -26Z",
      "#ff9a2e",
    ) +
    pen.shape("M-5 -35H5V-25H-5Z", GOLD, 0.8),

  "hair bow": (pen) =>
    group(
      "translate(0 -38)",
      both(
        pen.shape("M2 0C8 -12 22 -18 27 -12C31 -4 30 8 25 11C18 13 8 8 2 2Z", BOW) +
          pen.fill("M4 0C10 -3 16 -4 21 -2C16 2 10 4 4 3Z", shade(BOW, 0.35)),
      ),
      pen.ball(0, 0, 5.5, 6, BOW),
      pen.spot(-1.6, -2, 1.8, 2, light(BOW)),
    ),

  "hair flower": (pen) => {
    const petals = [0, 72, 144, 216, 288].map((turn) =>
      group(`rotate(${num(turn)})`, pen.ball(0, -8, 5.8, 6.6, "#ffffff", 0.8), pen.spot(0, -6, 2.4, 3.4, "#ffb3d0")),
    );
    return group("translate(25 -24) rotate(14)", ...petals, pen.ball(0, 0, 4.4, 4.4, GOLD, 0.8));
  },

  glasses: (pen) =>
    both(
      pen.spot(15, 9, 12, 12.5, "#dff3ff", 0.28) +
        pen.line("M3 9A12 12.5 0 1 0 27 9A12 12.5 0 1 0 3 9ZM27 7L32 4", "#d02f45", 2.6),
    ) + pen.line("M-3.4 7Q0 4 3.4 7", "#d02f45", 2.6),

  headphones: (pen) =>
    pen.line("M-36 4C-44 -24 -24 -45 0 -45C24 -45 44 -24 36 4", INK, 7) +
    pen.line("M-36 4C-44 -24 -24 -45 0 -45C24 -45 44 -24 36 4", "#f4f4fa", 4.2) +
    both(
      pen.shape("M30 -8C38 -12 46 -6 46 6C46 18 38 24 30 20C28 12 28 0 30 -8Z", "#20c5c9") +
        pen.fill("M39 -7C44 -3 45 10 40 18C42 10 42 0 39 -7Z", light("#20c5c9", 0.6)),
    ),
};

export function drawAccessory(accessory: Accessory, hair: Colour, pen: Pen): string {
  return DRAW[accessory](pen, hair);
}
