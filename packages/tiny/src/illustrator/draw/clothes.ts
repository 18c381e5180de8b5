// Neck, shoulders and clothes in body coordinates: (0, 0) is the base of the neck, the picture ends about y = 30.
// A garment has a part behind the head (a hood) and a part before it; "scarf" colours the scarf over a dark coat.
import type { Clothes } from "../vocabulary.js";
import { against, type Colour, light, mix, shade } from "./colour.js";
import { GOLD, WHITE } from "./palette.js";
import { both, group, type Pen } from "./pen.js";

const BODY = "M-11 -4C-14 3 -32 4 -37 18C-40 26 -41 32 -42 44H42C41 32 40 26 37 18C32 4 14 3 11 -4Z";
const ARMS = "M25 44C25 36 25 30 23 24";

const body = (pen: Pen, colour: Colour): string =>
  pen.shape(BODY, colour) +
  pen.fill("M25 44C25 36 25 30 23 24C30 24 33 12 34 12C39 20 41 32 42 44Z", shade(colour, 0.16)) +
  both(pen.line(ARMS, shade(colour, 0.5), 1.4));

interface Garment {
  readonly behind?: (pen: Pen, colour: Colour) => string;
  readonly front: (pen: Pen, colour: Colour, skin: Colour) => string;
}

const STAR = "M0 -8L2.4 -2.6L8 -2L3.8 2L5 7.6L0 4.6L-5 7.6L-3.8 2L-8 -2L-2.4 -2.6Z";

const GARMENTS: Readonly<Record<Clothes, Garment>> = {
  hoodie: {
    behind: (pen, colour) =>
      pen.shape("M0 -22C26 -22 40 -10 36 8C30 18 -30 18 -36 8C-40 -10 -26 -22 0 -22Z", shade(colour, 0.3)),
    front: (pen, colour) =>
      body(pen, colour) +
      pen.shape(
        "M-13 -6C-24 -4 -32 2 -29 9C-20 13 -8 16 0 22C8 16 20 13 29 9C32 2 24 -4 13 -6C12 4 4 8 0 9C-4 8 -12 4 -13 -6Z",
        light(colour, 0.22),
      ) +
      pen.line("M0 22V44", shade(colour, 0.5), 1.6) +
      both(pen.line("M7 16C8 20 8 23 8 27", WHITE, 2.2) + pen.ball(8, 28.5, 1.7, 2.1, WHITE, 0.6)),
  },
  "sailor uniform": {
    front: (pen, colour) =>
      body(pen, colour) +
      pen.fill("M-9 0L0 20L9 0Z", WHITE) +
      pen.shape("M10 -5C22 -2 31 2 34 9C32 16 30 20 27 22C16 20 8 22 1 18C6 12 10 4 10 -5Z", WHITE) +
      pen.shape("M-10 -5C-22 -2 -31 2 -34 9C-32 16 -30 20 -27 22C-16 20 -8 22 -1 18C-6 12 -10 4 -10 -5Z", WHITE) +
      both(pen.line("M30.5 9C29 14 28 17 26 18.5C17 17 11 18 6 16", colour, 1.9)) +
      both(
        pen.shape("M2 20C8 14 15 16 16 22C15 28 8 28 2 23ZM2 24C6 28 8 34 7 40L1 34Z", mix(colour, "#ff2f5e", 0.35)),
      ) +
      pen.ball(0, 21.5, 3, 3.4, mix(colour, "#ff2f5e", 0.2)),
  },
  kimono: {
    front: (pen, colour, skin) =>
      body(pen, colour) +
      group("translate(-28 26)", pen.fill(STAR, light(colour, 0.5))) +
      group("translate(31 33) scale(0.8)", pen.fill(STAR, light(colour, 0.5))) +
      group("translate(22 12) scale(0.6)", pen.fill(STAR, light(colour, 0.5))) +
      pen.fill("M-10 -4L0 18L10 -4Z", skin) +
      pen.shape("M-10 -6L-16 -2C-10 14 0 26 12 33L17 27C4 20 -6 8 -10 -6Z", WHITE) +
      // The wearer's left panel lies on top; the other way round a kimono dresses the dead.
      pen.shape("M10 -6L16 -2C10 14 0 26 -12 33L-17 27C-4 20 6 8 10 -6Z", light(colour, 0.5)) +
      pen.shape("M-24 33H24V46H-24Z", shade(colour, 0.45)) +
      pen.line("M-24 37.5H24", GOLD, 2.4),
  },
  "t-shirt": {
    front: (pen, colour, skin) =>
      body(pen, colour) +
      pen.fill("M-11 -5C-11 6 11 6 11 -5Z", skin) +
      pen.line("M-12.4 -3C-11 8 11 8 12.4 -3", light(colour, 0.55), 3) +
      both(
        pen.shape("M24 44C24 38 24 34 23 30L40 26C41 32 41.5 38 42 46Z", skin) +
          pen.line("M22 30L40.5 25.5", light(colour, 0.55), 2.6),
      ) +
      group("translate(0 22) scale(1.25)", pen.shape(STAR, against(colour, GOLD, "#ff6a3d"), 0.7)),
  },
  scarf: {
    front: (pen, colour) => {
      const coat: Colour = "#7c6a8e";
      return (
        body(pen, coat) +
        pen.line("M0 18V44", shade(coat, 0.5), 1.6) +
        both(pen.ball(6, 32, 2, 2, "#f4e2b8", 0.6)) +
        pen.shape("M8 8L22 6C25 18 25 28 23 38L10 40C11 28 11 18 8 8Z", colour) +
        pen.line("M10.5 33L23.6 31M10.8 36.4L23.4 34.4", WHITE, 1.6) +
        pen.shape("M-22 -6C-30 0 -30 10 -22 14C-8 19 8 19 22 14C30 10 30 0 22 -6C12 2 -12 2 -22 -6Z", colour) +
        pen.line("M-25 4C-12 11 6 12 25 4", shade(colour, 0.4), 1.6) +
        pen.fill("M-22 -3C-25 0 -26 4 -25 6C-22 4 -20 2 -18 0Z", light(colour, 0.5))
      );
    },
  },
  dress: {
    front: (pen, colour, skin) =>
      pen.shape(BODY, skin) +
      pen.shape("M-24 8C-16 12 16 12 24 8C24 22 26 34 30 46H-30C-26 34 -24 22 -24 8Z", colour) +
      pen.fill("M12 12L23 10C23 24 26 36 30 46H20C14 36 12 24 12 12Z", shade(colour, 0.16)) +
      both(pen.ball(31, 15, 10.5, 10, light(colour, 0.15)) + pen.line("M26 22Q31 26 38 22", shade(colour, 0.4), 1.4)) +
      pen.shape(
        "M-24 8Q-21 15 -16 11Q-13 17 -8 12.4Q-4 18 0 12.8Q4 18 8 12.4Q13 17 16 11Q21 15 24 8C12 11 -12 11 -24 8Z",
        WHITE,
        0.8,
      ) +
      both(pen.shape("M1 20C6 15 11 16 11 20C11 25 6 25 1 21Z", light(colour, 0.5), 0.8)) +
      pen.ball(0, 20.5, 2.2, 2.4, GOLD, 0.8),
  },
};

export function drawClothesBehind(clothes: Clothes, colour: Colour, pen: Pen): string {
  return GARMENTS[clothes].behind?.(pen, colour) ?? "";
}

export function drawClothes(clothes: Clothes, colour: Colour, skin: Colour, pen: Pen): string {
  const neck =
    pen.shape("M-9 -16V2C-6 7 6 7 9 2V-16Z", skin) + pen.fill("M-8.4 -16V3C-4 6 4 6 8.4 3V-16Z", shade(skin, 0.24));
  return neck + GARMENTS[clothes].front(pen, colour, skin);
}
