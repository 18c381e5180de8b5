// The form against the runtime's own convolution, over kernels of random numbers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { GraphBench } from "./run-graph.test.fixture.js";
import { withWinograd } from "./winograd.js";

let bench: GraphBench;
beforeAll(() => {
  bench = new GraphBench();
});
afterAll(() => bench.dispose());

interface Layer {
  readonly batch?: number;
  readonly channels: number;
  readonly out: number;
  readonly height: number;
  readonly width: number;
  readonly stride?: number;
  readonly bias?: boolean;
}

function layer({ batch = 1, channels, out, height, width, stride = 1, bias = true }: Layer): Graph {
  const b = new GraphBuilder("layer");
  const x = b.input("x", [batch, channels, height, width]);
  const weights = [b.weight("weight", [out, channels, 3, 3]), ...(bias ? [b.weight("bias", [out])] : [])];
  const y = b.op("Conv", [x, ...weights], { strides: [stride, stride], pads: [1, 1, 1, 1] });
  return b.finish([{ name: "y", value: b.op("Silu", [y]) }]);
}

const waves = (length: number, pace: number, size = 1): number[] =>
  Array.from({ length }, (_, i) => size * Math.sin(i * pace + (i % 7)));

async function difference(one: Layer): Promise<number> {
  const { batch = 1, channels, out, height, width } = one;
  const graph = layer(one);
  const { weights } = await bench.file({
    weight: [[out, channels, 3, 3], waves(out * channels * 9, 1.3, 1 / Math.sqrt(9 * channels))],
    bias: [[out], waves(out, 0.7)],
  });
  const shape = [batch, channels, height, width];
  const feeds = {
    x: {
      dtype: "f32" as const,
      shape,
      data: Float32Array.from(
        waves(
          shape.reduce((a, b) => a * b),
          0.37,
        ),
      ),
    },
  };
  const [want, got] = [await bench.run(graph, weights, feeds), await bench.run(withWinograd(graph), weights, feeds)];
  expect(got.y!.shape).toEqual(want.y!.shape);
  return (want.y!.data as Float32Array).reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (got.y!.data[i] as number))),
    0,
  );
}

describe("Winograd's form of a convolution", () => {
  it.each([
    { channels: 256, out: 256, height: 64, width: 64 },
    { channels: 320, out: 256, height: 66, width: 64, bias: false },
    { batch: 2, channels: 256, out: 288, height: 64, width: 64 },
    // 4 * 16 * 256 * 8192 bytes of tiles: in strips
    { channels: 256, out: 256, height: 128, width: 256 },
  ])("is the convolution: %o", async (one) => {
    const largest = await difference(one);
    console.log(`largest difference ${largest.toExponential(2)}`);
    expect(largest).toBeLessThan(2e-5);
  });

  it("takes the place of large ones alone", () => {
    const kept: readonly Layer[] = [
      { channels: 128, out: 256, height: 64, width: 64 },
      { channels: 256, out: 256, height: 32, width: 32 },
      { channels: 256, out: 256, height: 65, width: 64 },
      { channels: 256, out: 256, height: 64, width: 64, stride: 2 },
    ];
    for (const one of kept) expect(withWinograd(layer(one)).nodes).toEqual(layer(one).nodes);
    const graph = withWinograd(layer({ channels: 256, out: 256, height: 64, width: 64 }));
    const convolutions = graph.nodes.filter(({ op }) => op === "Conv").map(({ inputs }) => inputs[1]!.shape);
    expect(convolutions).toEqual([[16, 1, 4, 4]]);
    expect(graph.weights.map(({ id }) => id)).toEqual(["weight", "bias"]);
  });
});
