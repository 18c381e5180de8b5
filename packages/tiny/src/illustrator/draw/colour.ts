// Colours as "#rrggbb" and the few mixes flat cel shading needs. sRGB values are mixed as they are, as painters' tools do.

export type Colour = `#${string}`;

/** `a` at t = 0, `b` at t = 1. */
export function mix(a: Colour, b: Colour, t: number): Colour {
  let hex = "";
  for (let i = 1; i < 7; i += 2) {
    const from = Number.parseInt(a.slice(i, i + 2), 16);
    const to = Number.parseInt(b.slice(i, i + 2), 16);
    hex += Math.round(from + (to - from) * t)
      .toString(16)
      .padStart(2, "0");
  }
  return `#${hex}`;
}

/** The side away from the light: darker and towards violet, which keeps warm colours from turning to mud. */
export const shade = (colour: Colour, amount = 0.3): Colour => mix(colour, "#38206a", amount);

/** The side towards the light. */
export const light = (colour: Colour, amount = 0.45): Colour => mix(colour, "#fffdf2", amount);
