// Every loss as a number, worked out here from its paper's formula in plain arithmetic, and its gradient: by the graph in doubles and by
// ONNX Runtime in single precision.
import { CPU, GraphBuilder, type Value } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { addGradients } from "../gradient/add-gradients.js";
import { draw, generator } from "../gradient/draw.test.fixture.js";
import { runOnOrt } from "../gradient/run-on-ort.test.fixture.js";
import { finiteDifferences } from "../interpreter/finite-differences.test.fixture.js";
import { interpret } from "../interpreter/interpret.test.fixture.js";
import { type Nd, nd } from "../interpreter/nd.test.fixture.js";
import { adversarialLosses } from "./adversarial.js";
import { edgeError, klDivergence, pictureError } from "./autoencoder.js";
import { boundaryAt, consistency, ddim, guided } from "./consistency.js";
import { distributionMatching } from "./distribution-matching.js";
import { absoluteError, batchMean, perPicture, pseudoHuber, squaredError } from "./elementwise.js";
import { feedbackLoss } from "./feedback.js";
import { gradientPenalty } from "./gradient-penalty.js";
import { minSnrWeight } from "./min-snr.js";
import { predictionTarget } from "./prediction.js";

type Feeds = Readonly<Record<string, Nd>>;
type Numbers = Readonly<Record<string, Float64Array>>;

interface LossCase {
  readonly name: string;
  readonly feeds: Feeds;
  readonly build: (b: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Value;
  readonly expected: (x: Numbers) => number;
  /** The input whose gradient is looked at, and the formula; without one it is compared with finite differences. */
  readonly of: string;
  readonly gradient?: (x: Numbers) => readonly number[];
}

const [BATCH, CHANNELS, SIDE] = [2, 3, 4];
const PICTURE = CHANNELS * SIDE * SIDE;
const SHAPE = [BATCH, CHANNELS, SIDE, SIDE];
const random = generator(11);
const picture = (): Nd => draw(SHAPE, random, [-1.5, 1.5]);
const noise = (a: number): number => Math.sqrt(1 - a * a);
const perImage = (values: readonly number[]): Nd => nd([BATCH, 1, 1, 1], values);
const level = { a: perImage([0.9, 0.4]), s: perImage([0.9, 0.4].map(noise)) };
const lower = { ua: perImage([0.95, 0.7]), us: perImage([0.95, 0.7].map(noise)) };

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
/** The mean over the batch of each picture's mean of `term(i, n)`: element i, picture n. */
const over = (term: (i: number, n: number) => number): number =>
  mean(Array.from({ length: BATCH * PICTURE }, (_, i) => term(i, Math.floor(i / PICTURE))));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const relu = (x: number): number => Math.max(x, 0);

const pair = { x: picture(), y: picture() };
const logits = { real: nd([3], [2.5, -0.5, 0.25]), fake: nd([3], [-3, 0.75, 1.5]) };
const elementwise = (
  name: string,
  loss: (b: GraphBuilder, x: Value, y: Value) => Value,
  term: (d: number) => number,
): LossCase => ({
  name,
  feeds: pair,
  build: (b, { x, y }) => batchMean(b, loss(b, x!, y!)),
  expected: ({ x, y }) => over((i) => term(x![i]! - y![i]!)),
  of: "x",
});

const CASES: readonly LossCase[] = [
  elementwise("squared error", squaredError, (d) => d * d),
  elementwise("absolute error", absoluteError, Math.abs),
  elementwise("pseudo-Huber, c = 0.001", pseudoHuber, (d) => Math.sqrt(d * d + 1e-6) - 1e-3),
  elementwise("pictures of an autoencoder", pictureError, (d) => Math.abs(d) + d * d),
  {
    name: "slopes of an autoencoder's pictures",
    feeds: pair,
    build: (b, { x, y }) => batchMean(b, edgeError(b, x!, y!)),
    expected({ x, y }) {
      const d = x!.map((value, i) => value - y![i]!);
      const slopes = (stride: number, exists: (i: number) => boolean) =>
        Array.from(d.keys())
          .filter(exists)
          .map((i) => Math.abs(d[i + stride]! - d[i]!));
      const down = slopes(SIDE, (i) => Math.floor(i / SIDE) % SIDE < SIDE - 1);
      return mean(down) + mean(slopes(1, (i) => i % SIDE < SIDE - 1));
    },
    of: "x",
  },
  {
    name: "Kullback-Leibler divergence from a unit normal",
    feeds: pair,
    build: (b, { x, y }) => batchMean(b, klDivergence(b, x!, y!)),
    expected: ({ x, y }) => PICTURE * over((i) => (x![i]! ** 2 + Math.exp(y![i]!) - 1 - y![i]!) / 2),
    of: "y",
    gradient: ({ y }) => Array.from(y!, (logvar) => (Math.exp(logvar) - 1) / 2 / BATCH),
  },
  {
    name: "non-saturating, discriminator",
    feeds: logits,
    build: (b, { real, fake }) => adversarialLosses["non-saturating"].discriminator(b, real!, fake!),
    expected: ({ real, fake }) => mean(real!.map((l) => softplus(-l))) + mean(fake!.map(softplus)),
    of: "real",
    gradient: ({ real }) => Array.from(real!, (l) => -1 / (1 + Math.exp(l)) / 3),
  },
  {
    name: "non-saturating, generator",
    feeds: logits,
    build: (b, { fake }) => adversarialLosses["non-saturating"].generator(b, fake!),
    expected: ({ fake }) => mean(fake!.map((l) => softplus(-l))),
    of: "fake",
    gradient: ({ fake }) => Array.from(fake!, (l) => -1 / (1 + Math.exp(l)) / 3),
  },
  {
    name: "hinge, discriminator",
    feeds: logits,
    build: (b, { real, fake }) => adversarialLosses.hinge.discriminator(b, real!, fake!),
    expected: ({ real, fake }) => mean(real!.map((l) => relu(1 - l))) + mean(fake!.map((l) => relu(1 + l))),
    of: "fake",
    gradient: ({ fake }) => Array.from(fake!, (l) => (l > -1 ? 1 / 3 : 0)),
  },
  {
    name: "hinge, generator",
    feeds: logits,
    build: (b, { fake }) => adversarialLosses.hinge.generator(b, fake!),
    expected: ({ fake }) => -mean(fake!),
    of: "fake",
    gradient: () => [-1 / 3, -1 / 3, -1 / 3],
  },
  {
    name: "feedback: nothing from pictures that are good enough",
    feeds: { reward: nd([3], [0.25, 0.75, 1.5]) },
    build: (b, { reward }) => feedbackLoss(b, reward!, 1),
    expected: () => (0.75 + 0.25) / 3,
    of: "reward",
    gradient: () => [-1 / 3, -1 / 3, 0],
  },
  {
    name: "distribution matching: along the difference of two scores",
    feeds: { x: pair.x, held: pair.x, real: picture(), fake: picture() },
    build: (b, { x, held, real, fake }) => distributionMatching(b, { x: x!, held: held!, real: real!, fake: fake! }),
    expected(x) {
      const direction = matchingDirection(x);
      return over((i) => direction[i]! ** 2 / 2);
    },
    of: "x",
    gradient: (x) => matchingDirection(x).map((d) => d / (BATCH * PICTURE)),
  },
  {
    name: "R1: the squared length of the logit's gradient, of both inputs",
    feeds: { x: picture(), z: draw([BATCH, 5], random, [-1.5, 1.5]) },
    // logit = sum x^2 + 3 sum z, so its gradients are 2 x and 3
    build(b, { x, z }) {
      const h = new GraphBuilder("heads");
      const [hx, hz] = [h.input("x", SHAPE), h.input("z", [BATCH, 5])];
      const square = h.op("ReduceSum", [h.op("Mul", [hx, hx])], { axes: [1, 2, 3], keepDims: false });
      const linear = h.op("ReduceSum", [h.op("Affine", [hz], { scale: 3, shift: 0 })], { axes: [1], keepDims: false });
      const heads = h.finish([{ name: "logits", value: h.op("Add", [square, linear]) }]);
      return gradientPenalty(b, heads, { x: x!, z: z! }, (name) => name, "r1:");
    },
    expected: ({ x }) => PICTURE * over((i) => (2 * x![i]!) ** 2) + 5 * 9,
    of: "x",
    gradient: ({ x }) => Array.from(x!, (value) => (8 * value) / BATCH),
  },
  ...(["epsilon", "v", "sample"] as const).map(
    (type): LossCase => ({
      name: `a step of DDIM, ${type}: the exact output of x = a x0 + s n arrives at a' x0 + s' n`,
      feeds: { x0: pair.x, n: pair.y, ...level, ...lower },
      build(b, { x0, n, a, s, ua, us }) {
        const from = { a: a!, s: s! };
        const output = predictionTarget(b, type, x0!, n!, from);
        const x = b.op("Add", [b.op("Mul", [x0!, a!]), b.op("Mul", [n!, s!])]);
        return batchMean(b, perPicture(b, ddim(b, type, x, output, from, { a: ua!, s: us! })));
      },
      expected: ({ x0, n, ua, us }) => over((i, picture) => ua![picture]! * x0![i]! + us![picture]! * n![i]!),
      of: "n",
      gradient: ({ n, us }) => Array.from(n!, (_, i) => us![Math.floor(i / PICTURE)]! / (BATCH * PICTURE)),
    }),
  ),
  {
    name: "guidance as in the paper: w above the conditional output",
    feeds: { c: pair.x, u: pair.y, w: perImage([6.5, 2]) },
    build: (b, { c, u, w }) => batchMean(b, perPicture(b, guided(b, c!, u!, w!))),
    expected: ({ c, u, w }) => over((i, n) => c![i]! + w![n]! * (c![i]! - u![i]!)),
    of: "c",
    gradient: ({ c, w }) => Array.from(c!, (_, i) => (1 + w![Math.floor(i / PICTURE)]!) / (BATCH * PICTURE)),
  },
  {
    name: "the consistency function of an epsilon network",
    feeds: {
      x: pair.x,
      o: pair.y,
      ...level,
      skip: perImage([0.25, 0.0625]),
      out: perImage([0.75, 0.9375]),
    },
    build: (b, { x, o, a, s, skip, out }) =>
      batchMean(b, perPicture(b, consistency(b, "epsilon", x!, o!, { a: a!, s: s! }, { skip: skip!, out: out! }))),
    expected: ({ x, o, a, s, skip, out }) =>
      over((i, n) => skip![n]! * x![i]! + (out![n]! * (x![i]! - s![n]! * o![i]!)) / a![n]!),
    of: "o",
    gradient: ({ o, a, s, out }) =>
      Array.from(o!, (_, i) => {
        const n = Math.floor(i / PICTURE);
        return -(out![n]! * s![n]!) / a![n]! / (BATCH * PICTURE);
      }),
  },
];

/** (fake - real) / mean |x - real| of each picture. */
function matchingDirection({ held, real, fake }: Numbers): readonly number[] {
  return Array.from(held!, (_, i) => {
    const start = Math.floor(i / PICTURE) * PICTURE;
    const size = mean(held!.slice(start, start + PICTURE).map((v, j) => Math.abs(v - real![start + j]!)));
    return (fake![i]! - real![i]!) / (size + 1e-8);
  });
}

describe.each(CASES)("$name", ({ feeds, build, expected, of, gradient }) => {
  const b = new GraphBuilder("loss");
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, b.input(name, shape)]));
  const graph = b.finish([{ name: "loss", value: build(b, inputs) }]);
  const differentiated = addGradients(graph, "loss", [of]);
  const given = new Map(Object.entries(feeds));
  const numbers = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data]));
  const slope =
    gradient?.(numbers) ?? finiteDifferences(graph, "loss", given, of, [...feeds[of]!.data.keys()], 2 ** -12);

  it("is its formula, and so is its gradient, in doubles", () => {
    const outputs = interpret(differentiated, given);
    expect(outputs.get("loss")!.data[0]).toBeCloseTo(expected(numbers), 10);
    expect(largestDifference(outputs.get(`grad:${of}`)!.data, slope)).toBeLessThan(gradient ? 1e-10 : 1e-6);
  });

  it("is its formula on ONNX Runtime", async () => {
    const outputs = await runOnOrt(differentiated, given, CPU);
    expect(outputs.get("loss")![0]! / expected(numbers)).toBeCloseTo(1, 5);
    expect(largestDifference(outputs.get(`grad:${of}`)!, slope)).toBeLessThan(2e-6);
  });
});

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)), 0);
}

describe("scalings and weights", () => {
  it("the consistency function is the identity at 0 and the network far from it", () => {
    expect(boundaryAt(0)).toEqual({ skip: 1, out: 0 });
    // s^2 / ((10 t)^2 + s^2) and 10 t / sqrt((10 t)^2 + s^2) with s = 0.5 at t = 0.1, 1 and 999
    expect(boundaryAt(0.1).skip).toBeCloseTo(0.25 / 1.25, 12);
    expect(boundaryAt(0.1).out).toBeCloseTo(1 / Math.sqrt(1.25), 12);
    expect(boundaryAt(1).skip).toBeCloseTo(0.25 / 100.25, 12);
    expect(boundaryAt(999).out).toBeCloseTo(1, 8);
  });

  it.each([
    // SNR 1/4: below gamma, so epsilon counts whole, v SNR / (SNR + 1), the sample SNR
    ["epsilon", 0.2, 1],
    ["v", 0.2, 0.2],
    ["sample", 0.2, 0.25],
    // SNR 19 above gamma 5
    ["epsilon", 0.95, 5 / 19],
    ["v", 0.95, 5 / 20],
    ["sample", 0.95, 5],
  ] as const)("Min-SNR of %s at alpha-bar %f is %f with gamma 5", (type, alphaBar, weight) => {
    expect(minSnrWeight(type, alphaBar, 5)).toBeCloseTo(weight, 10);
  });
});
