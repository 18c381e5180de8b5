// The pen turns shapes into SVG in one of the styles. A style is data: what it does to a colour and how it outlines a shape.
// Everything drawn goes through a pen, so a style covers figure and background alike.
import type { Style } from "../vocabulary.js";
import { type Colour, mix, saturate } from "./colour.js";

interface Ink {
  readonly tone: (colour: Colour) => Colour;
  /** Outline colour of a shape filled with `colour` (before toning). */
  readonly outline: (colour: Colour) => Colour;
  /** Outline width in pixels of a 128-pixel picture; 0: no outlines. */
  readonly width: number;
}

const INKS: Readonly<Record<Style, Ink>> = {
  "anime style": { tone: (c) => c, outline: (c) => mix(c, "#241238", 0.82), width: 1.7 },
  "pastel colors": {
    tone: (c) => saturate(mix(c, "#fff4f8", 0.36), 1.3),
    outline: (c) => mix(c, "#7a2f86", 0.6),
    width: 1.5,
  },
  "flat color": { tone: (c) => mix(c, "#ffcf70", 0.06), outline: (c) => c, width: 0 },
};

export interface Pen {
  /** A path filled and outlined. */
  readonly shape: (d: string, colour: Colour, widthFactor?: number) => string;
  /** A path filled, never outlined: shading, highlights. */
  readonly fill: (d: string, colour: Colour, opacity?: number) => string;
  /** A stroked path with round ends. */
  readonly line: (d: string, colour: Colour, width: number) => string;
  /** An ellipse filled and outlined. */
  readonly ball: (x: number, y: number, rx: number, ry: number, colour: Colour, widthFactor?: number) => string;
  /** An ellipse filled, never outlined. */
  readonly spot: (x: number, y: number, rx: number, ry: number, colour: Colour, opacity?: number) => string;
  /** The whole picture filled from `stops[0]` at the top to the last at the bottom. */
  readonly sky: (stops: readonly Colour[]) => string;
}

/** Two decimals are enough at 128 pixels, and hide the last bits in which sines may differ between machines. */
export const num = (value: number): string => String(Math.round(value * 100) / 100);

export function group(transform: string, ...parts: readonly string[]): string {
  return `<g transform="${transform}">${parts.join("")}</g>`;
}

export const flip = (...parts: readonly string[]): string => group("scale(-1 1)", ...parts);

/** The same drawing on both sides of x = 0. */
export const both = (part: string): string => part + flip(part);

export function penOf(style: Style): Pen {
  const ink = INKS[style];
  const stroke = (colour: Colour, factor: number): string =>
    ink.width * factor === 0
      ? ""
      : ` stroke="${ink.tone(ink.outline(colour))}" stroke-width="${num(ink.width * factor)}" stroke-linejoin="round"`;
  const see = (opacity: number): string => (opacity === 1 ? "" : ` fill-opacity="${num(opacity)}"`);
  const ellipse = (x: number, y: number, rx: number, ry: number): string =>
    `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}"`;
  return {
    shape: (d, colour, factor = 1) => `<path d="${d}" fill="${ink.tone(colour)}"${stroke(colour, factor)}/>`,
    fill: (d, colour, opacity = 1) => `<path d="${d}" fill="${ink.tone(colour)}"${see(opacity)}/>`,
    line: (d, colour, width) =>
      `<path d="${d}" fill="none" stroke="${ink.tone(colour)}" stroke-width="${num(width)}" stroke-linecap="round" stroke-linejoin="round"/>`,
    ball: (x, y, rx, ry, colour, factor = 1) =>
      `${ellipse(x, y, rx, ry)} fill="${ink.tone(colour)}"${stroke(colour, factor)}/>`,
    spot: (x, y, rx, ry, colour, opacity = 1) => `${ellipse(x, y, rx, ry)} fill="${ink.tone(colour)}"${see(opacity)}/>`,
    sky: (stops) => {
      const gradient = stops.map(
        (colour, i) => `<stop offset="${num(i / Math.max(1, stops.length - 1))}" stop-color="${ink.tone(colour)}"/>`,
      );
      return (
        `<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">${gradient.join("")}</linearGradient>` +
        `<rect width="128" height="128" fill="url(#sky)"/>`
      );
    },
  };
}
