// Animals in figure coordinates: (0, 0) is the middle of the picture, the ground about y = 52.
import type { Animal } from "../vocabulary.js";
import { type Colour, light, mix, shade } from "./colour.js";
import { drawCuteFace } from "./cute-face.js";
import { INK, WHITE } from "./palette.js";
import { both, group, type Pen } from "./pen.js";

const HEAD = "M0 -34C26 -34 40 -18 40 0C40 18 24 26 0 26C-24 26 -40 18 -40 0C-40 -18 -26 -34 0 -34Z";

/** Body, head and paws that the four-legged animals share. */
function sitting(pen: Pen, fur: Colour, belly: Colour, ears: string, tail: string, muzzle: string): string {
  return [
    tail,
    pen.shape("M0 10C22 10 32 30 32 56H-32C-32 30 -22 10 0 10Z", fur),
    pen.fill("M0 24C12 24 16 38 16 55H-16C-16 38 -12 24 0 24Z", belly),
    both(pen.ball(15, 54, 11, 8, fur) + pen.line("M12 57V53M17.5 57V53", shade(fur, 0.5), 1.2)),
    ears,
    pen.shape(HEAD, fur),
    pen.fill("M-39 4C-36 20 -20 26 0 26C20 26 36 20 39 4C32 16 18 20 0 20C-18 20 -32 16 -39 4Z", shade(fur, 0.14)),
    pen.fill("M-26 -20C-20 -28 -10 -31 -2 -31C-10 -26 -18 -22 -24 -14Z", light(fur, 0.5)),
    muzzle,
  ].join("");
}

const paleOf = (fur: Colour): Colour => mix(fur, "#fff6ea", 0.72);
const PINK: Colour = "#ff97ab";

const DRAW: Readonly<Record<Animal, (pen: Pen, fur: Colour) => string>> = {
  cat: (pen, fur) =>
    sitting(
      pen,
      fur,
      paleOf(fur),
      both(
        pen.shape("M8 -30C14 -44 26 -56 36 -58C42 -44 42 -24 36 -8Z", fur) +
          pen.fill("M18 -32C22 -42 28 -48 34 -50C36 -42 36 -32 34 -22Z", PINK),
      ),
      pen.line("M26 48C50 52 58 36 50 18", mix(fur, INK, 0.82), 11.6) + pen.line("M26 48C50 52 58 36 50 18", fur, 8.4),
      drawCuteFace({ x: 0, y: -3, size: 1.55, apart: 12, mouth: "muzzle", ring: light(fur, 0.5) }, pen) +
        pen.fill("M-3.4 3H3.4L0 6.4Z", "#ff6f8a") +
        both(pen.line("M28 6L46 2M28 11L46 12", mix(fur, INK, 0.6), 1.3)),
    ),
  dog: (pen, fur) =>
    sitting(
      pen,
      fur,
      paleOf(fur),
      "",
      pen.shape("M26 44C40 44 52 32 50 18C42 20 34 30 24 36Z", fur),
      pen.spot(0, 10, 17, 13, paleOf(fur)) +
        drawCuteFace({ x: 0, y: -5, size: 1.5, apart: 13, mouth: "none", ring: light(fur, 0.5) }, pen) +
        both(pen.shape("M20 -32C36 -38 50 -22 48 6C46 18 36 18 33 8C31 -6 28 -18 20 -32Z", shade(fur, 0.32))) +
        pen.shape("M-4 14Q0 16 4 14Q5 25 0 25Q-5 25 -4 14Z", "#ff7f8f", 0.8) +
        pen.line("M-9 12Q-5 17 0 13Q5 17 9 12", INK, 2) +
        pen.spot(0, 6.4, 5.4, 4, INK) +
        pen.spot(-1.5, 5, 1.6, 1, WHITE),
    ),
  rabbit: (pen, fur) =>
    sitting(
      pen,
      fur,
      paleOf(fur),
      both(
        group(
          "rotate(12 16 -24)",
          pen.shape("M6 -26C4 -46 8 -64 17 -64C27 -64 29 -44 26 -24Z", fur) +
            pen.fill("M11 -28C10 -44 12 -58 17 -58C22 -58 23 -44 21 -28Z", PINK),
        ),
      ),
      pen.ball(34, 46, 9, 9, light(fur, 0.4)),
      drawCuteFace({ x: 0, y: -3, size: 1.55, apart: 12.5, mouth: "muzzle", ring: light(fur, 0.5) }, pen) +
        pen.shape("M-3.4 13H3.4V19H-3.4Z", WHITE, 0.6) +
        pen.line("M0 13V19", mix(fur, INK, 0.5), 0.8) +
        pen.spot(0, 4, 3, 2.2, "#ff6f8a"),
    ),
  bear: (pen, fur) =>
    sitting(
      pen,
      fur,
      paleOf(fur),
      both(pen.ball(29, -28, 13, 13, fur) + pen.spot(29, -28, 7, 7, paleOf(fur))),
      "",
      pen.ball(0, 10, 15, 11.5, paleOf(fur), 0.6) +
        drawCuteFace({ x: 0, y: -5, size: 1.5, apart: 13.5, mouth: "none", ring: light(fur, 0.5) }, pen) +
        pen.line("M-6 13Q-3 17 0 13Q3 17 6 13M0 13V8", INK, 1.9) +
        pen.spot(0, 6, 5.2, 3.8, INK) +
        pen.spot(-1.4, 4.8, 1.5, 1, WHITE),
    ),
  bird: (pen, fur) =>
    [
      both(pen.line("M10 44V54M10 54L4 57M10 54L11 58M10 54L16 57", "#e8792a", 3)),
      pen.shape("M-2 -36C-8 -46 -4 -52 2 -54C2 -48 8 -50 10 -44C10 -40 6 -38 2 -36Z", fur),
      pen.shape("M0 -40C28 -40 42 -16 42 8C42 34 24 48 0 48C-24 48 -42 34 -42 8C-42 -16 -28 -40 0 -40Z", fur),
      pen.fill("M0 4C18 4 26 16 26 28C22 42 10 46 0 46C-10 46 -22 42 -26 28C-26 16 -18 4 0 4Z", paleOf(fur)),
      both(pen.shape("M34 -2C50 4 56 20 50 34C42 32 34 24 31 12Z", shade(fur, 0.22))),
      pen.fill("M-26 -22C-20 -32 -10 -37 -2 -37C-10 -31 -18 -26 -24 -16Z", light(fur, 0.5)),
      drawCuteFace({ x: 0, y: -9, size: 1.55, apart: 14, mouth: "none", ring: light(fur, 0.5) }, pen),
      pen.shape("M-9 -4Q0 -10 9 -4Q4 6 0 7Q-4 6 -9 -4Z", "#ffab2e"),
      pen.line("M-8.6 -3.6Q0 0 8.6 -3.6", "#b3541c", 1.4),
    ].join(""),
  fish: (pen, fur) =>
    [
      pen.shape("M30 4C42 -18 56 -24 58 -18C58 -8 52 0 50 6C52 14 58 22 56 30C50 36 38 26 30 8Z", shade(fur, 0.2)),
      pen.shape("M-14 -26C-8 -44 14 -46 26 -34C24 -28 18 -22 12 -18Z", shade(fur, 0.2)),
      pen.shape("M-54 8C-44 -20 -20 -34 4 -30C24 -26 34 -8 38 6C32 24 16 38 -8 38C-30 38 -48 26 -54 8Z", fur),
      pen.fill("M-52 12C-44 30 -28 37 -8 37C14 37 30 24 37 8C24 22 8 28 -10 27C-28 26 -44 20 -52 12Z", paleOf(fur)),
      pen.line("M4 -18Q12 -10 4 -2M16 -16Q23 -8 16 0M6 4Q14 11 6 18M18 2Q25 8 19 14", shade(fur, 0.34), 2),
      pen.shape("M-8 14C2 10 12 16 12 24C4 30 -6 26 -8 14Z", shade(fur, 0.2)),
      pen.fill("M-38 -12C-28 -24 -16 -28 -6 -27C-16 -22 -26 -16 -34 -6Z", light(fur, 0.55)),
      pen.spot(-28, -1, 9, 10, WHITE) +
        pen.spot(-29, 0, 6.4, 8, INK) +
        pen.spot(-31.4, -3, 2.8, 3, WHITE) +
        pen.spot(-26.6, 4, 1.4, 1.5, WHITE),
      pen.spot(-24, 15, 5.4, 3.2, "#ff6f7d", 0.6),
      pen.line("M-50 12Q-45 17 -38 14", INK, 2.2),
      pen.ball(-48, -30, 5, 5, "#d8f4ff", 0.7) + pen.spot(-49.6, -31.6, 1.5, 1.5, WHITE),
      pen.ball(-36, -44, 3.4, 3.4, "#d8f4ff", 0.7),
    ].join(""),
  frog: (pen, fur) =>
    [
      pen.shape("M0 0C26 0 40 24 42 54H-42C-40 24 -26 0 0 0Z", fur),
      pen.fill("M0 18C16 18 22 34 22 53H-22C-22 34 -16 18 0 18Z", paleOf(fur)),
      both(pen.ball(30, 52, 15, 8, fur)),
      both(pen.ball(24, -30, 15, 15, fur)),
      pen.shape("M0 -32C30 -32 46 -16 46 2C46 20 26 28 0 28C-26 28 -46 20 -46 2C-46 -16 -30 -32 0 -32Z", fur),
      pen.fill("M-45 6C-42 20 -24 28 0 28C24 28 42 20 45 6C36 18 20 22 0 22C-20 22 -36 18 -45 6Z", shade(fur, 0.14)),
      both(pen.spot(24, -29, 10.4, 11, WHITE)),
      ...[-24, 24].map(
        (x) =>
          pen.spot(x, -28, 7, 8.6, INK) +
          pen.spot(x - 2.4, -31.4, 2.9, 3.1, WHITE) +
          pen.spot(x + 2.6, -24.6, 1.5, 1.6, WHITE),
      ),
      both(pen.spot(31, 4, 6.4, 4, "#ff6f7d", 0.6)),
      pen.shape("M-18 0Q0 8 18 0Q16 18 0 18Q-16 18 -18 0Z", "#a8243f", 0.9),
      pen.spot(0, 14.4, 9, 3.4, "#ff8a94"),
      both(pen.spot(3, -6, 1, 1.4, shade(fur, 0.5))),
    ].join(""),
};

export function drawAnimal(animal: Animal, fur: Colour, pen: Pen): string {
  return DRAW[animal](pen, fur);
}
