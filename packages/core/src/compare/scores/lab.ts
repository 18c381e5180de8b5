// sRGB (IEC 61966-2-1) to CIELAB under D65 (CIE 15): the space in which colours are averaged and compared here.

const LINEAR: readonly number[] = Array.from({ length: 256 }, (_, level) => {
  const unit = level / 255;
  return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
});

/** Rows of the sRGB -> XYZ matrix, each divided by the white point's value. */
const TO_XYZ = [
  [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
] as const;

const compressed = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);

/** Levels of 0 to 255 to [L*, a*, b*]. */
export function lab(red: number, green: number, blue: number): readonly [number, number, number] {
  const [r, g, b] = [LINEAR[red]!, LINEAR[green]!, LINEAR[blue]!];
  const [x, y, z] = TO_XYZ.map((row) => compressed(row[0] * r + row[1] * g + row[2] * b)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
