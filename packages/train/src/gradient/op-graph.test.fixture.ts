// One op as a graph with a scalar loss: its inputs are x0, x1 ..., its loss the sum of the output times fixed random numbers, squared
// where a loss that is linear in the output would leave second derivatives untested.
import { type Graph, GraphBuilder, type OpName } from "@fewstep/core";
import type { Nd } from "../interpreter/nd.test.fixture.js";
import { draw, generator } from "./draw.test.fixture.js";
import type { GradientCase } from "./gradient-cases.test.fixture.js";

export interface OpGraph {
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<string, Nd>;
}

const RANGE = [-1.5, 1.5] as const;

export function opGraph<O extends OpName>(
  op: O,
  { shapes, attributes, range = RANGE }: GradientCase<O>,
  seed: number,
): OpGraph {
  const random = generator(seed);
  const b = new GraphBuilder(op);
  const feeds = new Map(shapes.map((shape, i) => [`x${i}`, draw(shape, random, range)]));
  const inputs = shapes.map((shape, i) => b.input(`x${i}`, shape));
  const y = b.op(op as "Conv", inputs, attributes as never);
  const weights = b.constant(y.shape, Float32Array.from(draw(y.shape, random, RANGE).data));
  const axes = y.shape.map((_, i) => i);
  const product = b.op("Mul", [y, weights]);
  const loss = axes.length === 0 ? product : b.op("ReduceSum", [product], { axes, keepDims: false });
  return { graph: b.finish([{ name: "loss", value: loss }]), feeds };
}
