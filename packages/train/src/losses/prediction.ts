// What a network's raw output means, as graph ops on variance-preserving states x = a x0 + s n with a^2 + s^2 = 1.
//   epsilon: x0 = (x - s o) / a, n = o     v (Salimans and Ho 2022): x0 = a x - s o, n = s x + a o     sample: x0 = o, n = (x - a o) / s
import type { GraphBuilder, PredictionType, Value } from "@fewstep/core";

/** a and s of each picture, [N, 1, 1, 1]. */
export interface Level {
  readonly a: Value;
  readonly s: Value;
}

const combine = (b: GraphBuilder, x: Value, xScale: Value, y: Value, yScale: Value): Value =>
  b.op("Add", [b.op("Mul", [x, xScale]), b.op("Mul", [y, yScale])]);

const difference = (b: GraphBuilder, x: Value, xScale: Value, y: Value, yScale: Value): Value =>
  b.op("Sub", [b.op("Mul", [x, xScale]), b.op("Mul", [y, yScale])]);

/** a x0 + s n. */
export function noised(b: GraphBuilder, x0: Value, n: Value, { a, s }: Level): Value {
  return combine(b, x0, a, n, s);
}

interface Meaning {
  target(b: GraphBuilder, x0: Value, n: Value, level: Level): Value;
  origin(b: GraphBuilder, x: Value, output: Value, level: Level): Value;
  noise(b: GraphBuilder, x: Value, output: Value, level: Level): Value;
}

const MEANINGS: Readonly<Record<PredictionType, Meaning>> = {
  epsilon: {
    target: (_b, _x0, n) => n,
    origin: (b, x, o, { a, s }) => b.op("Div", [b.op("Sub", [x, b.op("Mul", [o, s])]), a]),
    noise: (_b, _x, o) => o,
  },
  v: {
    target: (b, x0, n, { a, s }) => difference(b, n, a, x0, s),
    origin: (b, x, o, { a, s }) => difference(b, x, a, o, s),
    noise: (b, x, o, { a, s }) => combine(b, x, s, o, a),
  },
  sample: {
    target: (_b, x0) => x0,
    origin: (_b, _x, o) => o,
    noise: (b, x, o, { a, s }) => b.op("Div", [b.op("Sub", [x, b.op("Mul", [o, a])]), s]),
  },
};

/** What the network should answer for x = a x0 + s n. */
export function predictionTarget(b: GraphBuilder, type: PredictionType, x0: Value, n: Value, level: Level): Value {
  return MEANINGS[type].target(b, x0, n, level);
}

/** x0 and n that a raw output stands for. */
export function decomposed(
  b: GraphBuilder,
  type: PredictionType,
  x: Value,
  output: Value,
  level: Level,
): { readonly x0: Value; readonly n: Value } {
  const meaning = MEANINGS[type];
  return { x0: meaning.origin(b, x, output, level), n: meaning.noise(b, x, output, level) };
}
