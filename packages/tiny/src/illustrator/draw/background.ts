// The nine backgrounds, each a few large shapes around a figure that will cover the middle. Small things (clouds, stars,
// petals) are placed by the scene's own seed, so that two skies differ.
import type { Random } from "../random.js";
import type { Background } from "../vocabulary.js";
import { plant } from "./background-nature.js";
import type { Colour } from "./colour.js";
import { WHITE } from "./palette.js";
import { group, num, type Pen } from "./pen.js";

export function cloud(pen: Pen, x: number, y: number, size: number, colour: Colour = WHITE): string {
  return group(
    `translate(${num(x)} ${num(y)}) scale(${num(size)})`,
    pen.spot(-9, 1, 8, 6, colour),
    pen.spot(0, -4, 10, 9, colour),
    pen.spot(10, 0, 8, 7, colour),
    pen.spot(0, 3, 18, 5, colour),
  );
}

/** A four-pointed star. */
export function twinkle(pen: Pen, x: number, y: number, size: number, colour: Colour): string {
  const d = "M0 -4C0.5 -1 1 -0.5 4 0C1 0.5 0.5 1 0 4C-0.5 1 -1 0.5 -4 0C-1 -0.5 -0.5 -1 0 -4Z";
  return group(`translate(${num(x)} ${num(y)}) scale(${num(size)})`, pen.fill(d, colour));
}

/** `count` things spread over the picture without clumps: one in each cell of a 4-wide grid, moved within it. */
function scatter(random: Random, count: number, draw: (x: number, y: number, size: number) => string): string {
  let parts = "";
  const rows = Math.ceil(count / 4);
  for (let i = 0; i < count; i++) {
    const x = ((i % 4) + random.between(0.15, 0.85)) * 32;
    const y = (Math.floor(i / 4) + random.between(0.15, 0.85)) * (128 / rows);
    parts += draw(x, y, random.between(0.7, 1.3));
  }
  return parts;
}

/** Paper and dot of "polka dots"; every other row is white. */
const PAPERS: readonly (readonly [Colour, Colour])[] = [
  ["#ffe08a", "#ffb45c"],
  ["#a5e6d2", "#5cc9b4"],
  ["#c9c2fb", "#9a8cf0"],
];

const BLOSSOM = "M0 -4.2C3 -5 4 -2 2.6 0C4.4 2.6 1.6 4.4 0 2.8C-1.6 4.4 -4.4 2.6 -2.6 0C-4 -2 -3 -5 0 -4.2Z";

const DRAW: Readonly<Record<Background, (pen: Pen, random: Random) => string>> = {
  "blue sky": (pen, random) =>
    pen.sky(["#3f9df2", "#86ccfa", "#d9f3ff"]) +
    cloud(pen, random.between(12, 24), random.between(18, 34), 0.95) +
    cloud(pen, random.between(104, 118), random.between(12, 24), 0.8) +
    cloud(pen, random.between(108, 122), random.between(62, 74), 1.05) +
    cloud(pen, random.between(6, 18), random.between(78, 92), 1.1),

  sunset: (pen, random) => {
    const x = random.pick([20, 108]) + random.between(-4, 4);
    return (
      pen.sky(["#5b3a8e", "#d9567a", "#ff8f4d", "#ffd166"]) +
      pen.spot(x, 84, 30, 30, "#ffe08a", 0.45) +
      pen.spot(x, 84, 21, 21, "#fff1b8") +
      pen.line(`M${num(random.between(0, 10))} 30h22M96 ${num(random.between(20, 44))}h26M2 52h12`, "#ffb38a", 3) +
      pen.fill("M0 98C30 90 50 96 74 94C98 92 112 96 128 92V128H0Z", "#7a2f6b") +
      pen.fill("M0 110C40 104 80 110 128 104V128H0Z", "#52215c")
    );
  },

  "night sky": (pen, random) => {
    const x = random.pick([18, 108]) + random.between(-3, 3);
    const y = random.between(19, 27);
    return (
      pen.sky(["#0c1142", "#232a78", "#4a4aa8"]) +
      scatter(random, 20, (sx, sy, size) =>
        size > 1.05 ? twinkle(pen, sx, sy, size * 0.9, "#fff6c4") : pen.spot(sx, sy, 0.9, 0.9, "#e4e6ff"),
      ) +
      pen.fill(`M${num(x - 2)} ${num(y - 13)}a13 13 0 1 0 13.5 17a10.5 10.5 0 1 1 -13.5 -17Z`, "#ffe98a")
    );
  },

  city: (pen, random) => {
    let parts = pen.sky(["#59c3d8", "#b9ecea", "#fdf3d0"]) + cloud(pen, random.between(20, 108), 16, 0.7);
    const paints: readonly Colour[] = ["#7d8fb8", "#6476a8", "#8f86b5", "#5c6b99"];
    let x = -4 - random.between(0, 8);
    for (let i = 0; x < 128; i++) {
      const width = random.between(18, 25);
      const top = Math.abs(x + width / 2 - 64) > 30 ? random.between(22, 50) : random.between(50, 60);
      parts += pen.shape(`M${num(x)} ${num(top)}h${num(width)}V140H${num(x)}Z`, paints[i % 4]!, 0.6);
      for (let y = top + 6; y < 120; y += 11) {
        const windows = `M${num(x + 4)} ${num(y)}h4.5v5.5h-4.5ZM${num(x + width - 8.5)} ${num(y)}h4.5v5.5h-4.5Z`;
        parts += pen.fill(windows, random.chance(0.7) ? "#ffe680" : "#4d5a8a");
      }
      x += width;
    }
    return parts;
  },

  forest: (pen, random) =>
    pen.sky(["#dff5b0", "#a8dd7c", "#6fbf5c"]) +
    pen.fill("M0 92C30 86 90 86 128 92V128H0Z", "#5aa845") +
    plant.roundTree(pen, random.between(34, 44), 100, 0.9, "#5fb04e") +
    plant.roundTree(pen, random.between(86, 94), 100, 0.9, "#5fb04e") +
    plant.roundTree(pen, random.between(6, 14), 108, random.between(1.15, 1.35), "#2f8a45") +
    plant.roundTree(pen, random.between(114, 122), 108, random.between(1.15, 1.35), "#2f8a45") +
    pen.fill("M0 112C30 104 60 110 128 106V128H0Z", "#3d8f3c"),

  beach: (pen, random) => {
    const palm = random.pick([12, 116]);
    return (
      pen.sky(["#5cc6f7", "#b5ecfb", "#e8fbff"]) +
      cloud(pen, 128 - palm + random.between(-6, 6), random.between(18, 30), 0.85) +
      pen.fill("M0 62H128V104H0Z", "#1fb5c9") +
      pen.fill("M0 76C20 72 40 80 64 76C88 72 108 80 128 76V84C108 88 88 80 64 84C40 88 20 80 0 84Z", "#63d8dc") +
      pen.fill("M0 98C30 90 60 100 128 92V128H0Z", "#ffffff") +
      pen.fill("M0 102C30 94 60 104 128 96V128H0Z", "#ffdf94") +
      plant.palm(pen, palm, palm < 64 ? 1 : -1)
    );
  },

  snow: (pen, random) =>
    pen.sky(["#8fb4dc", "#c3dcf0", "#eaf4fb"]) +
    plant.pine(pen, random.between(6, 14), 96, random.between(1, 1.2)) +
    plant.pine(pen, random.between(30, 38), 90, 0.7) +
    plant.pine(pen, random.between(112, 122), 96, random.between(1, 1.2)) +
    plant.pine(pen, random.between(90, 98), 90, 0.7) +
    pen.fill("M0 94C30 82 50 92 74 90C98 88 112 84 128 92V128H0Z", WHITE) +
    pen.fill("M0 108C40 98 80 112 128 102V128H0Z", "#dbe9f6") +
    scatter(random, 20, (x, y, size) => pen.spot(x, y, size * 1.7, size * 1.7, WHITE)),

  "cherry blossoms": (pen, random) => {
    const bloom = (x: number, y: number, size: number, colour: Colour): string =>
      group(
        `translate(${num(x)} ${num(y)}) rotate(${num(random.between(0, 72))}) scale(${num(size)})`,
        pen.fill(BLOSSOM, colour),
        pen.spot(0, 0, 1.1, 1.1, "#e0407a"),
      );
    const corner = random.pick([1, -1]);
    let crown = "";
    for (let i = 0; i < 15; i++) {
      const t = i / 14;
      const x = 66 * t + random.between(-5, 5);
      crown += bloom(x, 34 - 30 * t + random.between(-9, 9), random.between(1.1, 1.7), i % 2 ? "#ff9dc4" : "#ffc2da");
    }
    const branch = pen.line("M-2 46C10 36 26 30 40 12M12 35C14 26 16 18 12 4M30 24C40 22 50 16 66 8", "#6e4141", 3.4);
    return (
      pen.sky(["#ffe3ee", "#ffd3e4", "#fbe9f7"]) +
      group(corner > 0 ? "scale(1)" : "translate(128 0) scale(-1 1)", branch, crown) +
      scatter(random, 16, (x, y, size) =>
        group(
          `translate(${num(x)} ${num(y)}) rotate(${num(random.between(0, 180))})`,
          pen.spot(0, 0, 2.8 * size, 1.5 * size, "#ff8db8"),
        ),
      )
    );
  },

  "polka dots": (pen, random) => {
    const [paper, dot] = random.pick(PAPERS);
    const [left, top] = [random.between(-6, 6), random.between(-6, 6)];
    let parts = pen.sky([paper]);
    for (let row = 0; row < 8; row++)
      for (let column = 0; column < 7; column++)
        parts += pen.spot(left + column * 22 + (row % 2) * 11, top + row * 19, 5.8, 5.8, row % 2 ? WHITE : dot);
    return parts;
  },
};

export function drawBackground(background: Background, pen: Pen, random: Random): string {
  return DRAW[background](pen, random);
}
