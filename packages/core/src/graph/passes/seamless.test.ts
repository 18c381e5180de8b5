// Wrapped convolutions against plain loops, and what they are for: rolling the input of a UNet or a decoder rolls its output.
import { afterAll, describe, expect, it } from "vitest";
import { type UnetConfig, unet } from "../../models/unet.js";
import { type VaeConfig, vaeDecoder } from "../../models/vae.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type TensorSpec, varied } from "../../weights/adapters/adapter-file.test.fixture.js";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { GraphBench } from "./run-graph.test.fixture.js";
import { type SeamlessAxes, withSeamlessTiling } from "./seamless.js";

const bench = new GraphBench();
afterAll(() => bench.dispose());

const UNET: UnetConfig = {
  inChannels: 4,
  outChannels: 4,
  down: [
    { channels: 8, transformers: [1], resample: true },
    { channels: 8, transformers: [0], resample: false },
  ],
  mid: { resnets: 2, transformers: [1] },
  up: [
    { channels: 8, transformers: [0, 0], resample: true },
    { channels: 8, transformers: [1, 1], resample: false },
  ],
  contextWidth: 6,
  attention: { heads: 2 },
  projection: "conv",
  timeWidth: 8,
  groups: 4,
};
const VAE: VaeConfig = {
  channels: [8, 8],
  layers: 1,
  latentChannels: 4,
  pictureChannels: 3,
  quantised: true,
  groups: 4,
};

const f32 = (shape: readonly number[], value: (i: number) => number = varied): Tensor => ({
  dtype: "f32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

/** Every pixel moved right and down, those pushed out coming back at the other side. */
function rolled({ shape, data }: Tensor, right: number, down: number): Tensor {
  const [height, width] = [shape[2]!, shape[3]!];
  return f32(shape, (i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const from = ((y - down + height) % height) * width + ((x - right + width) % width);
    return (data as Float32Array)[i - (i % (height * width)) + from]!;
  });
}

function largest(a: Tensor, b: Tensor): number {
  return (a.data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - Number(b.data[i]))), 0);
}

async function weightsFor(graph: Graph) {
  const specs = graph.weights.map(({ id, shape }, n): [string, TensorSpec] => [
    id,
    [shape, (i) => varied(i + 101 * n) / 2],
  ]);
  return (await bench.file(Object.fromEntries(specs))).weights;
}

/** How far the output of rolled input is from the rolled output, which is `grow` times as large, in units of its rms. */
async function rollError(
  graph: Graph,
  fixed: Record<string, Tensor>,
  moving: string,
  [x, y]: readonly [number, number],
  grow: number,
) {
  const weights = await weightsFor(graph);
  const input = f32(graph.inputs.find(({ id }) => id === moving)!.shape);
  const name = graph.outputs[0]!.name;
  const plain = (await bench.run(graph, weights, { ...fixed, [moving]: input }))[name]!;
  const moved = (await bench.run(graph, weights, { ...fixed, [moving]: rolled(input, x, y) }))[name]!;
  const squares = (plain.data as Float32Array).reduce((sum, value) => sum + value * value, 0);
  return largest(moved, rolled(plain, x * grow, y * grow)) / Math.sqrt(squares / plain.data.length);
}

const FIXED = { time_features: f32([1, 8]), context: f32([1, 5, 6]) };

describe("withSeamlessTiling", () => {
  it.each([
    ["xy", 1],
    ["xy", 2],
    ["x", 2],
    ["y", 1],
  ] as const)("wraps the edges of %s at stride %i", async (axes: SeamlessAxes, stride) => {
    const b = new GraphBuilder("test");
    const x = b.input("x", [1, 1, 6, 4]);
    const y = b.op("Conv", [x, b.weight("weight", [1, 1, 3, 3]), undefined], {
      strides: [stride, stride],
      pads: [1, 1, 1, 1],
    });
    const graph = withSeamlessTiling(b.finish([{ name: "y", value: y }]), axes);
    const { weights } = await bench.file({ weight: [[1, 1, 3, 3]] });
    const input = f32([1, 1, 6, 4]);
    const made = (await bench.run(graph, weights, { x: input })).y!;
    const at = (row: number, column: number): number => {
      const inside = row >= 0 && row < 6 && column >= 0 && column < 4;
      const wraps = (axes !== "x" || (row >= 0 && row < 6)) && (axes !== "y" || (column >= 0 && column < 4));
      return inside || wraps ? Number(input.data[((row + 6) % 6) * 4 + ((column + 4) % 4)]) : 0;
    };
    const [height, width] = [6 / stride, 4 / stride];
    expect(made.shape).toEqual([1, 1, height, width]);
    for (let i = 0; i < height * width; i++) {
      const [row, column] = [Math.floor(i / width) * stride - 1, (i % width) * stride - 1];
      let sum = 0;
      for (let k = 0; k < 9; k++) sum += Math.fround(varied(k)) * at(row + Math.floor(k / 3), column + (k % 3));
      expect(Math.abs(Number(made.data[i]) - sum)).toBeLessThan(1e-6);
    }
  });

  it("makes a UNet's output roll with its noise, and only then", async () => {
    const graph = unet(UNET, { batch: 1, height: 8, width: 12, tokens: 5 });
    expect(await rollError(withSeamlessTiling(graph, "xy"), FIXED, "sample", [4, 6], 1)).toBeLessThan(1e-5);
    expect(await rollError(graph, FIXED, "sample", [4, 6], 1)).toBeGreaterThan(1e-2);
  });

  it("leaves the other direction its edge", async () => {
    const graph = withSeamlessTiling(unet(UNET, { batch: 1, height: 8, width: 12, tokens: 5 }), "x");
    expect(await rollError(graph, FIXED, "sample", [4, 0], 1)).toBeLessThan(1e-5);
    expect(await rollError(graph, FIXED, "sample", [0, 4], 1)).toBeGreaterThan(1e-2);
  });

  it("makes a decoder's picture roll with its latents", async () => {
    const graph = withSeamlessTiling(vaeDecoder(VAE, { batch: 1, height: 6, width: 5 }), "xy");
    expect(await rollError(graph, {}, "latents", [2, 3], 2)).toBeLessThan(1e-5);
  });

  it("wraps an input once for all the convolutions that read it", () => {
    const b = new GraphBuilder("test");
    const x = b.input("x", [1, 1, 4, 4]);
    const conv = (name: string) =>
      b.op("Conv", [x, b.weight(name, [1, 1, 3, 3]), undefined], { strides: [1, 1], pads: [1, 1, 1, 1] });
    const graph = withSeamlessTiling(b.finish([{ name: "y", value: b.op("Add", [conv("a"), conv("b")]) }]), "x");
    expect(graph.nodes.filter(({ op }) => op === "Concat")).toHaveLength(1);
  });

  it("refuses pads wider than the side they wrap around", () => {
    const b = new GraphBuilder("test");
    const y = b.op("Conv", [b.input("x", [1, 1, 1, 1]), b.weight("w", [1, 1, 5, 5]), undefined], {
      strides: [1, 1],
      pads: [2, 2, 2, 2],
    });
    expect(() => withSeamlessTiling(b.finish([{ name: "y", value: y }]), "xy")).toThrow(RangeError);
  });
});
