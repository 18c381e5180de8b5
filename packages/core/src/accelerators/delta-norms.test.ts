// Norms against the deltas multiplied out, for every format; and by block over a base.
import { describe, expect, it } from "vitest";
import type { PlacedDelta } from "../weights/adapters/adapter.js";
import { fileWith, type TensorSpec, varied } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { adapterNorms } from "./delta-norms.js";

const module = "mid_block.attentions.0.proj_in";
const place = async (tensors: Readonly<Record<string, TensorSpec>>): Promise<readonly PlacedDelta[]> => {
  const named = Object.fromEntries(Object.entries(tensors).map(([name, spec]) => [`lora_unet_m.${name}`, spec]));
  const adapter = await parseAdapter("a", await fileWith(named));
  return adapter.targets.map(({ parameter, delta }) => ({ module, parameter, delta, transposed: false }));
};
const base = fileWith({ [`${module}.weight`]: [[6, 4]], [`${module}.bias`]: [[6]] });
const values = (count: number) => Array.from({ length: count }, (_, i) => Math.fround(varied(i)));
type Matrix = readonly (readonly number[])[];
const matrix = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, (_, i) => values(rows * columns).slice(i * columns, (i + 1) * columns));
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const norm = (rows: Matrix) => Math.hypot(...rows.flat());

const measured = async (tensors: Readonly<Record<string, TensorSpec>>) => {
  const { weights } = await base;
  return adapterNorms(await place(tensors), weights);
};
const delta = async (tensors: Readonly<Record<string, TensorSpec>>) => (await measured(tensors)).blocks[0]?.delta;

describe("adapterNorms", () => {
  it("LoRA: alpha / rank |up down|", async () => {
    const found = await delta({ "lora_down.weight": [[2, 4]], "lora_up.weight": [[6, 2]], alpha: [[], [0.5]] });
    expect(found).toBeCloseTo(0.25 * norm(times(matrix(6, 2), matrix(2, 4))), 6);
  });

  it("a convolution's LoRA, whose down has a kernel", async () => {
    const found = await delta({ "lora_down.weight": [[2, 4, 3, 3]], "lora_up.weight": [[6, 2, 1, 1]] });
    expect(found).toBeCloseTo(norm(times(matrix(6, 2), matrix(2, 36))), 6);
  });

  it("LoHa: |(a b) o (c d)|", async () => {
    const found = await delta({
      hada_w1_a: [[6, 2]],
      hada_w1_b: [[2, 4]],
      hada_w2_a: [[6, 3]],
      hada_w2_b: [[3, 4]],
      alpha: [[], [2]],
    });
    const [first, second] = [times(matrix(6, 2), matrix(2, 4)), times(matrix(6, 3), matrix(3, 4))];
    expect(found).toBeCloseTo(norm(first.map((row, i) => row.map((x, j) => x * second[i]![j]!))), 6);
  });

  it("LoKr: |a (x) b c|", async () => {
    const found = await delta({ lokr_w1: [[2, 2]], lokr_w2_a: [[3, 2]], lokr_w2_b: [[2, 2]], alpha: [[], [2]] });
    const second = times(matrix(3, 2), matrix(2, 2));
    const whole = matrix(2, 2).flatMap((row) => second.map((other) => row.flatMap((x) => other.map((y) => x * y))));
    expect(found).toBeCloseTo(norm(whole), 6);
  });

  it("GLoRA: alpha / rank |W a1 a2 + b1 b2|", async () => {
    const found = await delta({
      "a1.weight": [[4, 2]],
      "a2.weight": [[2, 4]],
      "b1.weight": [[6, 2]],
      "b2.weight": [[2, 4]],
      alpha: [[], [1]],
    });
    const through = times(times(matrix(6, 4), matrix(4, 2)), matrix(2, 4));
    const beside = times(matrix(6, 2), matrix(2, 4));
    expect(found).toBeCloseTo(norm(through.map((row, i) => row.map((x, j) => x + beside[i]![j]!))) / 2, 6);
  });

  it("IA3: the weight by its factors, of outputs or inputs", async () => {
    const W = matrix(6, 4);
    const outputs = await delta({ weight: [[6]], on_input: [[], [0]] });
    expect(outputs).toBeCloseTo(norm(W.map((row, i) => row.map((x) => x * values(6)[i]!))), 6);
    const inputs = await delta({ weight: [[1, 4, 1, 1]], on_input: [[], [1]] });
    expect(inputs).toBeCloseTo(norm(W.map((row) => row.map((x, j) => x * values(4)[j]!))), 6);
  });

  it("differences, of a bias too, and weights that are set", async () => {
    expect(await delta({ diff: [[6, 4]] })).toBeCloseTo(norm(matrix(6, 4)), 6);
    expect(await delta({ diff_b: [[6]] })).toBeCloseTo(norm([values(6)]), 6);
    expect(await delta({ set_weight: [[6, 4]] })).toBe(0);
  });

  it("what has no short form is named, not left out in silence", async () => {
    const found = await measured({ "lora_down.weight": [[2, 4]], "lora_up.weight": [[6, 2]], dora_scale: [[6, 1]] });
    expect(found).toEqual({ blocks: [], unmeasured: [module] });
    expect(await measured({ oft_blocks: [[2, 3, 3]] })).toEqual({ blocks: [], unmeasured: [module] });
  });

  it("sums by block, the base beside", async () => {
    const { weights } = await fileWith({
      "down_blocks.0.a.weight": [[3, 3]],
      "down_blocks.0.b.weight": [[3, 3]],
      "conv_in.weight": [[3, 3]],
    });
    const [placed] = await place({ diff: [[3, 3]] });
    const at = (name: string) => ({ ...placed!, module: name });
    const { blocks } = await adapterNorms([at("down_blocks.0.a"), at("down_blocks.0.b"), at("conv_in")], weights);
    const one = norm(matrix(3, 3));
    expect(blocks.map(({ block }) => block)).toEqual(["down_blocks.0", "other"]);
    expect(blocks[0]?.delta).toBeCloseTo(one * Math.SQRT2, 6);
    expect(blocks[0]?.base).toBeCloseTo(one * Math.SQRT2, 6);
    expect(blocks[1]?.base).toBeCloseTo(one, 6);
  });

  it("stops when asked to", async () => {
    const { weights } = await base;
    const placed = await place({ diff: [[6, 4]] });
    await expect(adapterNorms(placed, weights, AbortSignal.abort())).rejects.toMatchObject({ kind: "interrupted" });
  });
});
