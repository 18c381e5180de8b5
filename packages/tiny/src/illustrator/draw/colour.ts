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

/** Further from (or, below 1, nearer to) the grey of the same brightness. */
export function saturate(colour: Colour, factor: number): Colour {
  const rgb = [0, 1, 2].map((i) => channel(colour, i));
  const grey = (rgb[0]! + rgb[1]! + rgb[2]!) / 3;
  const hex = rgb.map((value) => {
    const stretched = Math.min(255, Math.max(0, Math.round(grey + (value - grey) * factor)));
    return stretched.toString(16).padStart(2, "0");
  });
  return `#${hex.join("")}`;
}

const channel = (colour: Colour, i: number): number => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);

/** Yellow to brown, skin included: red leads and blue is well behind green. */
const isWarm = (colour: Colour): boolean =>
  channel(colour, 0) >= channel(colour, 1) && channel(colour, 1) > channel(colour, 2) + 16;

/** How a scene's jitter of light, -1 to 1, moves a colour: too little to make another colour word of it. */
export const tint = (colour: Colour, amount: number): Colour =>
  mix(colour, amount < 0 ? "#20104a" : "#ffffff", Math.abs(amount) * 0.09);

/** `wanted`, or `other` where `wanted` would drown on a ground of nearly the same colour. */
export function against(ground: Colour, wanted: Colour, other: Colour): Colour {
  const distance = [0, 1, 2].reduce((sum, i) => sum + Math.abs(channel(ground, i) - channel(wanted, i)), 0);
  return distance < 120 ? other : wanted;
}

/** The side away from the light: towards red for warm colours, towards violet for all others, so that none turns to mud. */
export const shade = (colour: Colour, amount = 0.3): Colour =>
  isWarm(colour) ? mix(colour, "#8c1f2e", amount * 0.9) : mix(colour, "#38206a", amount);

/** The side towards the light. */
export const light = (colour: Colour, amount = 0.45): Colour => mix(colour, "#fffdf2", amount);
