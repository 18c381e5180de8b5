// A picture turned upright by its EXIF orientation (EXIF 2.32, 4.6.4 A): cameras store rows as the sensor lay and say how to turn them.
import type { Orientation } from "./exif.js";
import { emptyPixels, type Pixels } from "./pixels.js";

/** For each orientation, whether the stored picture's axes are swapped and which of its sides are read backwards. */
const TURNS: Readonly<Record<Orientation, { readonly swap: boolean; readonly left: boolean; readonly down: boolean }>> =
  {
    1: { swap: false, left: false, down: false },
    2: { swap: false, left: true, down: false },
    3: { swap: false, left: true, down: true },
    4: { swap: false, left: false, down: true },
    5: { swap: true, left: false, down: false },
    6: { swap: true, left: false, down: true },
    7: { swap: true, left: true, down: true },
    8: { swap: true, left: true, down: false },
  };

/** The picture as it is meant to be seen; itself if it is upright. */
export function upright(pixels: Pixels, orientation: Orientation = 1): Pixels {
  if (orientation === 1) return pixels;
  const { swap, left, down } = TURNS[orientation];
  const { width: storedWidth, height: storedHeight } = pixels;
  const turned = swap ? emptyPixels(storedHeight, storedWidth) : emptyPixels(storedWidth, storedHeight);
  const [from, to] = [pixels32(pixels), pixels32(turned)];
  for (let y = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++) {
      const [column, row] = swap ? [y, x] : [x, y];
      const storedX = left ? storedWidth - 1 - column : column;
      const storedY = down ? storedHeight - 1 - row : row;
      to[y * turned.width + x] = from[storedY * storedWidth + storedX]!;
    }
  }
  return turned;
}

/** A pixel a number; the bytes of decoded pictures begin at the start of their buffer. */
function pixels32({ data, width, height }: Pixels): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, width * height);
}
