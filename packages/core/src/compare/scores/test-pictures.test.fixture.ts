// A picture with flats, edges, gradients and texture, and the same one damaged by known amounts.
import { emptyPixels, type Pixels } from "../../image/pixels.js";

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** The colour of a pixel from a function of its place; alpha 255. */
export function painted(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): Pixels {
  const picture = emptyPixels(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) picture.data.set([...colour(x, y).map(clamp), 255], (y * width + x) * 4);
  }
  return picture;
}

/** Numbers from 0 to 1 that look random and are the same everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sky, ground, a disc and stripes; `seed` moves and colours the disc. */
export function scene(seed = 1, side = 128): Pixels {
  const random = randomNumbers(seed * 7919);
  const [cx, cy, radius] = [side * (0.3 + 0.4 * random()), side * (0.3 + 0.4 * random()), side * 0.22];
  const colour = [60 + 150 * random(), 60 + 150 * random(), 60 + 150 * random()] as const;
  return painted(side, side, (x, y) => {
    if ((x - cx) ** 2 + (y - cy) ** 2 < radius ** 2) return colour;
    if (y > side * 0.75) return Math.floor(x / 3) % 2 === 0 ? [90, 120, 70] : [120, 150, 95];
    return [110 + (y / side) * 60, 140 + (y / side) * 40, 190 - (x / side) * 30];
  });
}

const each = (picture: Pixels, change: (value: number, channel: number) => number): Pixels =>
  painted(picture.width, picture.height, (x, y) => {
    const at = (y * picture.width + x) * 4;
    return [0, 1, 2].map((channel) => change(picture.data[at + channel]!, channel)) as [number, number, number];
  });

/** Box blur, `times` over with 3 x 3. */
export function blurred(picture: Pixels, times: number): Pixels {
  let result = picture;
  for (let i = 0; i < times; i++) {
    const from = result;
    const edge = (value: number, end: number) => Math.max(0, Math.min(end - 1, value));
    result = painted(
      from.width,
      from.height,
      (x, y) =>
        ([0, 1, 2] as const).map((channel) => {
          let sum = 0;
          for (let k = 0; k < 9; k++) {
            const [sx, sy] = [edge(x + (k % 3) - 1, from.width), edge(y + Math.floor(k / 3) - 1, from.height)];
            sum += from.data[(sy * from.width + sx) * 4 + channel]!;
          }
          return sum / 9;
        }) as unknown as readonly [number, number, number],
    );
  }
  return result;
}

/** White noise of about this sigma. */
export function noisy(picture: Pixels, sigma: number, seed = 5): Pixels {
  const random = randomNumbers(seed);
  const normal = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  return each(picture, (value) => value + sigma * normal());
}

/** Contrast and colour pushed away from grey by a factor, as too much guidance does. */
export function burnt(picture: Pixels, factor: number): Pixels {
  return each(picture, (value) => 128 + (value - 128) * factor);
}

/** Levels added to red and taken from blue. */
export function tinted(picture: Pixels, levels: number): Pixels {
  return each(picture, (value, channel) => value + [levels, 0, -levels][channel]!);
}

/** Moved to the right, what leaves comes in on the left. */
export function shifted(picture: Pixels, by: number): Pixels {
  const { width, height, data } = picture;
  return painted(width, height, (x, y) => {
    const at = (y * width + ((x - by + width) % width)) * 4;
    return [data[at]!, data[at + 1]!, data[at + 2]!];
  });
}
