// Seeded fuzzing of adapter files by structure: tensors of every format with axes that nearly fit. Each file is refused with a documented
// code, or its deltas make an expression of the weight's shape wherever they say that they fit.
import { expect, it } from "vitest";
import { FewstepError } from "../../errors.js";
import { type FuzzRandom, fuzzRandom, pick } from "../../fuzz-random.test.fixture.js";
import { fileWith, type TensorSpec } from "../../weights/adapters/adapter-file.test.fixture.js";
import { deltaFits, deltaRows } from "../../weights/adapters/delta-size.js";
import { parseAdapter } from "../../weights/adapters/parse.js";
import type { Value } from "../graph.js";
import { adaptedWeight } from "./adapter-delta.js";
import { AdapterParts } from "./adapter-parts.js";

const INPUTS = 3000;
const SEED = 20_261_128;
const CODES = new Set([
  "not-an-adapter",
  ...["format", "incomplete", "rank", "shape", "alpha", "on-input", "duplicate"].map((what) => `adapter-${what}`),
]);

const WEIGHTS = [[8, 4], [8, 8], [8, 4, 3, 3], [8, 4, 1, 1], [8], [6, 4]] as const;

type Shapes = Readonly<Record<string, readonly number[]>>;
/** Shapes of each format as they should be, for a weight [out, width, kernel...] at rank 2. */
const FORMATS: readonly ((out: number, width: number, kernel: readonly number[]) => Shapes)[] = [
  (out) => ({ oft_blocks: [2, out / 2, out / 2], rescale: [out, 1], alpha: [] }),
  (out) => ({ oft_diag: [2, out / 2, out / 2] }),
  (out) => ({ oft_blocks: [2, out / 2, 2, 2], rescale: [out, 1, 1, 1], alpha: [1] }),
  (out, width, kernel) => ({
    "a1.weight": [width, 2],
    "a2.weight": [2, width],
    "b1.weight": [out, 2],
    "b2.weight": [2, width, ...kernel],
    alpha: [],
  }),
  (out, width) => ({
    "a1.weight": [2, width],
    "a2.weight": [width, 2],
    "b1.weight": [2, width],
    "b2.weight": [out, 2],
  }),
  (out, width, kernel) => ({
    "a1.weight": [width, 2, 1, 1],
    "a2.weight": [2, width, 1, 1],
    "b1.weight": [out, 2, 1, 1],
    "b2.weight": [2, width, 1, 1],
    "bm.weight": [2, 2, ...kernel],
  }),
  (out, width) => ({ weight: [1, width, 1, 1], on_input: [], diff_b: [out] }),
  (out) => ({ weight: [out], on_input: [1] }),
  (out, width) => ({ "lora_up.weight": [out, 2], "lora_down.weight": [2, width], alpha: [] }),
  (out, width) => ({ lokr_w1: [2, 2], lokr_w2: [out / 2, width / 2] }),
];

function damaged(random: FuzzRandom, shape: readonly number[]): readonly number[] {
  const axes = [...shape];
  switch (random(4)) {
    case 0:
      axes[random(axes.length + 1)] = pick(random, [0, 1, 2, 3, 4, 8]);
      return Array.from(axes, (size) => size ?? 1);
    case 1:
      return axes.slice(1);
    case 2:
      return [...axes, pick(random, [1, 2])];
    default:
      return axes.toReversed();
  }
}

function madeFile(random: FuzzRandom): Record<string, TensorSpec> {
  const [out, width, ...kernel] = [...pick(random, WEIGHTS), 4] as [number, number, ...number[]];
  const layer = kernel.length > 2 ? kernel.slice(0, 2) : [];
  const shapes = new Map(Object.entries(pick(random, FORMATS)(out, width, layer)));
  if (random(6) === 0)
    for (const entry of Object.entries(pick(random, FORMATS)(out, width, layer))) shapes.set(...entry);
  if (random(6) === 0) shapes.set("dora_scale", [out, 1]);
  const names = [...shapes.keys()];
  for (let i = random(3); i > 0; i--) {
    const name = pick(random, names);
    if (random(3) === 0) shapes.delete(name);
    else if (shapes.has(name)) shapes.set(name, damaged(random, shapes.get(name)!));
  }
  const value = pick(random, [0.1, 0.1, 0.1, 0, 1, -1, 1e30, Number.NaN]);
  const values = (index: number) => (value === 0.1 ? 0.1 + index / 50 : value);
  const single = pick(random, [0, 1, 1, 2, -1]);
  return Object.fromEntries(
    [...shapes].map(([key, shape]) => [`m.${key}`, [shape, /^(alpha|on_input)$/.test(key) ? () => single : values]]),
  );
}

it(`${INPUTS} files are refused with a code, or fit what they say they fit`, async () => {
  const random = fuzzRandom(SEED);
  const outcomes = new Map<string, number>();
  const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  for (let i = 0; i < INPUTS; i++) {
    const tensors = madeFile(random);
    try {
      const { targets } = await parseAdapter("a", await fileWith(tensors));
      for (const { delta } of targets) {
        count(delta.kind);
        for (const shape of WEIGHTS) {
          if (!deltaFits(delta, shape)) continue;
          count("fits");
          const base: Value = { id: "w", dtype: "f32", shape };
          const placed = { module: "m", parameter: "weight", delta, transposed: false } as const;
          expect(adaptedWeight(new AdapterParts(), base, [{ id: "a", factor: 1, placed }]).shape).toEqual(shape);
          const band = deltaRows(delta, 2, 4);
          if (band !== undefined) expect(deltaFits(band, [2, ...shape.slice(1)])).toBe(true);
        }
      }
    } catch (error) {
      const code = error instanceof FewstepError ? error.code : String(error);
      expect(CODES, JSON.stringify(tensors)).toContain(code);
      count(code);
    }
  }
  // every kind is accepted now and then, every refusal met
  for (const kind of ["rotation", "glora", "ia3", "dora", "fits", ...CODES]) {
    expect(outcomes.get(kind), kind).toBeGreaterThan(0);
  }
});
