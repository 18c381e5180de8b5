// The UNet with every kind of block, small enough for doubles in plain TypeScript: two levels of 4 and 8 channels, a transformer on the lower.
import { type Graph, GraphBuilder, type UnetConfig, unet } from "@fewstep/core";
import type { Nd } from "../interpreter/nd.test.fixture.js";
import { draw, generator } from "./draw.test.fixture.js";

const CONFIG: UnetConfig = {
  inChannels: 2,
  outChannels: 2,
  down: [
    { channels: 4, transformers: [0], resample: true },
    { channels: 8, transformers: [1], resample: false },
  ],
  mid: { resnets: 2, transformers: [1] },
  up: [
    { channels: 8, transformers: [1, 1], resample: true },
    { channels: 4, transformers: [0, 0], resample: false },
  ],
  contextWidth: 4,
  attention: { heads: 2 },
  projection: "conv",
  timeWidth: 8,
  groups: 2,
};

export const smallUnet = (): Graph => unet(CONFIG, { batch: 1, height: 4, width: 4, tokens: 3 });

/** An output `loss` = mean((noise - target)^2). */
export function withLoss(network: Graph): Graph {
  const b = new GraphBuilder(network.name);
  const noise = b.include(network, new Map(), "net:").get("noise")!;
  const error = b.op("Sub", [noise, b.input("target", noise.shape)]);
  const loss = b.op("ReduceMean", [b.op("Mul", [error, error])], { axes: [0, 1, 2, 3], keepDims: false });
  return b.finish([{ name: "loss", value: loss }]);
}

export function drawFeeds({ inputs, weights }: Graph): ReadonlyMap<string, Nd> {
  const random = generator(7);
  return new Map([...inputs, ...weights].map(({ id, shape }) => [id, draw(shape, random, [-0.8, 0.8])]));
}
