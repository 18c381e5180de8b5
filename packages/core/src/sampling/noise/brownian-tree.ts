// Brownian motion over sigma as torchsde's BrownianTree samples it: a dyadic tree whose nodes are seeded by their place, so that
// the noise between two sigmas does not depend on which other sigmas are asked for. k-diffusion's noise for SDE samplers.
import { FewstepError } from "../../errors.js";
import { sameType, type Values, weightedSum } from "../values.js";
import type { NoiseSource } from "./noise-source.js";
import { seedWords } from "./seed-sequence.js";
import { createTorchCpuStream } from "./torch-cpu.js";

export interface BrownianTreeOptions {
  readonly seed: bigint;
  /** Smallest and largest sigma of the run; spans outside are cut to them. */
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  readonly count: number;
  /** The type torch would draw in on the CPU; default float32. */
  readonly precision?: "float32" | "float64";
  /** What draws a node's noise from its seed; default torch on the CPU. A1111 takes the source of all its noise, ComfyUI the CPU. */
  readonly source?: NoiseSource;
}

/** Normal noise of unit variance for the span between two sigmas. */
export type BrownianTree = (from: number, to: number) => Values;

interface Node {
  readonly start: number;
  readonly end: number;
  readonly key: number;
  readonly depth: number;
  readonly increment: Values;
  children?: readonly [Node, Node];
}

/** Times are kept to this many decimals, which ends the bisection after about 24 levels. */
const decimals = 6;
const deepest = 64;

export function createBrownianTree(options: BrownianTreeOptions): BrownianTree {
  const { seed, sigmaMin, sigmaMax, count, precision = "float32", source } = options;
  if (!(sigmaMin > 0 && sigmaMin < sigmaMax && sigmaMax < Infinity)) {
    throw new FewstepError({
      code: "bad-brownian-range",
      message: "a Brownian tree needs two different positive sigmas",
      found: `${sigmaMin} and ${sigmaMax}`,
    });
  }
  const normal = (word: number): Values =>
    source?.open(BigInt(word)).normal(count) ?? createTorchCpuStream(BigInt(word)).normal(count, precision);
  const [rootSeed] = seedWords({ entropy: seed, poolSize: 24 }, 3);
  const root: Node = {
    start: rounded(sigmaMin),
    end: rounded(sigmaMax),
    key: 0,
    depth: 0,
    increment: weightedSum([Math.sqrt(sigmaMax - sigmaMin), normal(rootSeed!)]),
  };

  const childrenOf = (node: Node): readonly [Node, Node] => {
    node.children ??= split(node);
    return node.children;
  };

  function split(node: Node): readonly [Node, Node] {
    const middle = rounded((node.start + node.end) / 2);
    const [word] = seedWords({ entropy: seed, spawnKey: [node.key, node.depth], poolSize: 24 }, 1);
    const left = middle - node.start;
    const whole = node.end - node.start;
    const deviation = Math.sqrt((left * (node.end - middle)) / whole);
    const leftIncrement = weightedSum([left / whole, node.increment], [deviation, normal(word!)]);
    const rightIncrement = weightedSum([1, node.increment], [-1, leftIncrement]);
    const depth = node.depth + 1;
    return [
      { start: node.start, end: middle, key: 2 * node.key, depth, increment: leftIncrement },
      { start: middle, end: node.end, key: 2 * node.key + 1, depth, increment: rightIncrement },
    ];
  }

  /** Increments of the nodes that together cover the span. */
  function cover(node: Node, from: number, to: number): readonly Values[] {
    if (from >= to) return [];
    if ((from <= node.start && to >= node.end) || node.depth > deepest) return [node.increment];
    const [left, right] = childrenOf(node);
    return [
      ...(from < left.end ? cover(left, from, Math.min(to, left.end)) : []),
      ...(to > right.start ? cover(right, Math.max(from, right.start), to) : []),
    ];
  }

  return (from, to) => {
    const low = rounded(Math.max(root.start, Math.min(from, to)));
    const high = rounded(Math.min(root.end, Math.max(from, to)));
    const parts = cover(root, low, high);
    if (parts.length === 0) return sameType(root.increment, count);
    const sign = from < to ? 1 : -1;
    return weightedSum(...parts.map((part) => [sign / Math.sqrt(Math.abs(from - to)), part] as const));
  };
}

function rounded(time: number): number {
  return Number(time.toFixed(decimals));
}
