// Trees of the backgrounds. Positions are the foot of the trunk in picture pixels.
import { type Colour, light, shade } from "./colour.js";
import { WHITE } from "./palette.js";
import { group, num, type Pen } from "./pen.js";

const at = (x: number, y: number, size: number, ...parts: readonly string[]): string =>
  group(`translate(${num(x)} ${num(y)}) scale(${num(size)})`, ...parts);

export const plant = {
  roundTree: (pen: Pen, x: number, y: number, size: number, leaf: Colour): string =>
    at(
      x,
      y,
      size,
      pen.fill("M-5 4C-3 -10 -3 -20 -4 -40H4C3 -20 3 -10 5 4Z", "#7a5136"),
      pen.spot(-12, -42, 14, 13, shade(leaf, 0.15)),
      pen.spot(12, -44, 14, 13, shade(leaf, 0.15)),
      pen.spot(0, -58, 18, 17, leaf),
      pen.spot(-5, -63, 9, 7, light(leaf, 0.22)),
    ),

  pine: (pen: Pen, x: number, y: number, size: number): string =>
    at(
      x,
      y,
      size,
      pen.fill("M-3 8V-6H3V8Z", "#76503c"),
      pen.fill("M0 -34L19 -2H-19Z", "#2f7a68"),
      pen.fill("M0 -50L16 -20H-16Z", "#378a74"),
      pen.fill("M0 -64L12 -38H-12Z", "#43997f"),
      pen.fill("M0 -64L12 -38L7 -42L3 -39L0 -43L-4 -39L-8 -42L-12 -38ZM16 -20L10 -31L8 -25Z", WHITE),
      pen.fill("M-19 -2L-12 -14L-10 -6Z", WHITE),
    ),

  palm: (pen: Pen, x: number, towards: 1 | -1): string =>
    group(
      `translate(${num(x)} 112) scale(${towards} 1)`,
      pen.line("M-8 0C-8 -30 -4 -50 2 -74", "#a06b3c", 6),
      pen.fill("M2 -76C14 -90 30 -86 36 -72C26 -76 14 -76 2 -74Z", "#2f9a4f"),
      pen.fill("M2 -76C-2 -94 -20 -98 -32 -88C-20 -86 -8 -82 2 -74Z", "#2f9a4f"),
      pen.fill("M2 -76C10 -72 22 -62 22 -46C14 -58 8 -66 0 -72Z", "#27834a"),
      pen.fill("M2 -76C-12 -78 -22 -68 -24 -54C-16 -64 -8 -70 2 -72Z", "#27834a"),
      pen.fill("M1 -76C6 -92 16 -100 24 -100C18 -92 12 -84 4 -74Z", "#3fb060"),
      pen.spot(1, -72, 3.4, 3.4, "#7a4a28"),
      pen.spot(6, -71, 3, 3, "#8a5630"),
    ),
} as const;
