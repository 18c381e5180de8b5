import { expect, test } from "vitest";
import { createDraw, pictureNoise } from "./draw.js";
import type { NoiseRequest } from "./noise-source.js";
import { createPhiloxStream } from "./philox.js";
import { seedWords } from "./seed-sequence.js";

const size = { channels: 4, height: 8, width: 8 };
const span = { from: 14, to: 4 };
const start = (request: NoiseRequest, images: number) => createDraw(request, { images, size })(span);

test("a picture's noise does not depend on its batch", () => {
  const both = start({ seeds: ["5", "9"] }, 2);
  expect(both.subarray(0, 256)).toEqual(start({ seeds: ["5"] }, 1));
  expect(both.subarray(256)).toEqual(start({ seeds: ["9"] }, 1));
});

test("one generator draws for the whole batch", () => {
  const both = start({ seeds: ["5"], batch: "one-generator" }, 2);
  expect(both.length).toBe(512);
  expect(both.subarray(0, 256)).toEqual(start({ seeds: ["5"] }, 1));
  expect(both.subarray(256)).not.toEqual(start({ seeds: ["6"] }, 1));
});

test("the variation seed turns the start noise and keeps its length", () => {
  const a = start({ seeds: ["1"] }, 1);
  const towards = (subseedStrength: number) => start({ seeds: ["1"], subseeds: ["2"], subseedStrength }, 1);
  const norm = (values: Float32Array) => Math.hypot(...values);
  expect(towards(0)).toEqual(a);
  towards(1).forEach((value, i) => {
    expect(value).toBeCloseTo(start({ seeds: ["2"] }, 1)[i]!, 5);
  });
  expect(norm(towards(0.5)) / norm(a)).toBeGreaterThan(0.9);
});

test("each picture of a request has its own seed and subseed; one generator's pictures stay together", () => {
  const request = { seeds: ["5", "5"], subseeds: ["1", "2"], subseedStrength: 0.4 };
  const both = start(request, 2);
  for (const i of [0, 1]) {
    expect(both.subarray(i * 256, (i + 1) * 256)).toEqual(start(pictureNoise(request, i), 1));
  }
  const shared = { ...request, batch: "one-generator" } as const;
  expect(pictureNoise(shared, 1)).toBe(shared);
  expect(() => pictureNoise(request, 2)).toThrow(expect.objectContaining({ code: "bad-noise-request" }));
});

test("step noise may come from another seed", () => {
  const plain = createDraw({ seeds: ["1"] }, { images: 1, size });
  const offset = createDraw({ seeds: ["1"], stepSeedOffset: "31337" }, { images: 1, size });
  expect(offset(span)).toEqual(plain(span));
  expect(offset(span)).toEqual(start({ seeds: ["31338"] }, 1));
  expect(plain(span)).not.toEqual(start({ seeds: ["31338"] }, 1));
});

test("step noise of another source is drawn anew from the seed: ComfyUI on a GPU, whose start noise is the CPU's", () => {
  const draw = createDraw({ seeds: ["5"], stepSource: "philox" }, { images: 1, size });
  const gpu = createPhiloxStream(5n);
  expect(draw(span)).toEqual(start({ seeds: ["5"] }, 1));
  expect(draw(span)).toEqual(gpu.normal(256));
  expect(draw(span)).toEqual(gpu.normal(256));
  const batch = { seeds: ["5"], batch: "one-generator", stepSource: "philox", stepSeedOffset: "2" } as const;
  const both = createDraw(batch, { images: 2, size });
  both(span);
  expect(both(span)).toEqual(createPhiloxStream(7n).normal(512));
});

test("a Brownian path's nodes are drawn by the source of the steps", () => {
  const sigmas = { min: 0.03, max: 14.6 };
  const path = (request: Partial<NoiseRequest>) => {
    const all = { seeds: ["1"], steps: "brownian-tree", ...request } as const;
    const draw = createDraw(all, { images: 1, size, sigmas });
    draw(span);
    return draw({ from: sigmas.max, to: sigmas.min });
  };
  // over the whole range it is the root's noise itself, downwards
  const [root] = seedWords({ entropy: 1n, poolSize: 24 }, 3);
  const whole = createPhiloxStream(BigInt(root!)).normal(256);
  path({ source: "philox" }).forEach((value, i) => {
    expect(value).toBeCloseTo(-whole[i]!, 5);
  });
  expect(path({ stepSource: "philox" })).toEqual(path({ source: "philox" }));
  expect(path({})).not.toEqual(path({ source: "philox" }));
});

test("Brownian step noise depends on the span, not on the order", () => {
  const draw = () =>
    createDraw({ seeds: ["1"], steps: "brownian-tree" }, { images: 1, size, sigmas: { min: 0.03, max: 14.6 } });
  const [a, b] = [draw(), draw()];
  a(span);
  b(span);
  b({ from: 4, to: 1 });
  expect(a({ from: 14, to: 4 })).toEqual(b({ from: 14, to: 4 }));
});

test.each<[NoiseRequest]>([
  [{ seeds: [] }],
  [{ seeds: ["x"] }],
  [{ seeds: ["1.5"] }],
  [{ seeds: ["1"], steps: "brownian-tree" }],
])("refuses %j", (request) => {
  expect(() => start(request, 1)).toThrow(expect.objectContaining({ code: "bad-noise-request" }));
});
