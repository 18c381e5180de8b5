// Text on pixels with the built-in font: measuring, wrapping, drawing. Left to right only; no platform text engine.

import { GLYPH_HEIGHT, GLYPH_WIDTH, isDot } from "./font.js";
import type { Pixels } from "./pixels.js";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Distance between characters and between lines, in dots. */
const ADVANCE = GLYPH_WIDTH + 1;
const LINE = GLYPH_HEIGHT + 1;

/** Size in pixels of lines drawn at a whole-number `scale`. */
export function measureLines(
  lines: readonly string[],
  scale: number,
): { readonly width: number; readonly height: number } {
  const longest = lines.reduce((most, line) => Math.max(most, [...line].length), 0);
  return { width: longest * ADVANCE * scale, height: lines.length * LINE * scale };
}

/**
 * Breaks text into lines that fit `width` pixels, at spaces where there are any, within a word where not. At most `maxLines`; the last
 * one ends in "..." if more follows.
 */
export function wrapText(text: string, width: number, scale: number, maxLines: number): readonly string[] {
  const columns = Math.max(4, Math.floor(width / (ADVANCE * scale)));
  // No more is ever shown: the rest of a very long prompt need not be looked at.
  const shown = [...text.slice(0, 2 * columns * maxLines + 2)];
  const lines: string[] = [];
  let line: string[] = [];
  let lastSpace = -1;
  for (const character of [...shown, "\n"]) {
    if (character === "\n") {
      lines.push(line.join(""));
      line = [];
      lastSpace = -1;
    } else {
      if (character === " ") lastSpace = line.length;
      line.push(character);
      if (line.length > columns) {
        const cut = lastSpace > 0 ? lastSpace : columns;
        lines.push(line.slice(0, cut).join(""));
        line = line.slice(lastSpace > 0 ? cut + 1 : cut);
        lastSpace = line.indexOf(" ");
      }
    }
  }
  if (lines.length <= maxLines && shown.join("").length === text.length) return lines;
  const kept = lines.slice(0, maxLines);
  const last = [...(kept.at(-1) ?? "")].slice(0, columns - 3).join("");
  return [...kept.slice(0, -1), `${last}...`];
}

/** Draws lines into `pixels` (which it changes), the first one's top left corner at (x, y); what lies outside is left out. */
export function drawLines(
  pixels: Pixels,
  lines: readonly string[],
  { x, y, scale, colour }: { readonly x: number; readonly y: number; readonly scale: number; readonly colour: Rgb },
): void {
  for (const [row, line] of lines.entries()) {
    for (const [column, character] of [...line].entries()) {
      const left = x + column * ADVANCE * scale;
      const top = y + row * LINE * scale;
      for (let dot = 0; dot < GLYPH_WIDTH * GLYPH_HEIGHT; dot++) {
        const [dx, dy] = [dot % GLYPH_WIDTH, Math.floor(dot / GLYPH_WIDTH)];
        if (isDot(character, dx, dy)) fillSquare(pixels, left + dx * scale, top + dy * scale, scale, colour);
      }
    }
  }
}

function fillSquare({ width, height, data }: Pixels, left: number, top: number, side: number, colour: Rgb): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++)
      data.set([...colour, 255], (y * width + x) * 4);
  }
}
