// Style LoRAs beside an accelerator: from the norms of what each adds, block by block, whether the styles drown the accelerator out, and
// which strengths would not. Pure numbers; delta-norms.ts computes them. The rule is this project's own, anchored in LCM-LoRA's example
// (arXiv 2311.05556, equation 3: style 0.8 beside accelerator 1.0); norms bound an effect and do not tell a picture's quality.
import type { BlockNorm } from "./delta-norms.js";

export interface StackedAdapter {
  readonly name: string;
  readonly accelerator: boolean;
  readonly strength: number;
  /** At strength 1. */
  readonly blocks: readonly BlockNorm[];
}

export interface BlockLoad {
  readonly block: string;
  /** |styles| / |accelerator| at their strengths; infinite where the accelerator does nothing. */
  readonly ratio: number;
  /** |everything added| / |W|, as if all were at right angles. */
  readonly relative: number;
}

export interface StackingAdvice {
  readonly blocks: readonly BlockLoad[];
  readonly overloaded: readonly string[];
  /** Strengths that keep every block in bounds: accelerators unchanged, styles lowered alike. */
  readonly strengths: ReadonlyMap<string, number>;
  readonly lines: readonly string[];
}

export interface StackingLimits {
  /** Styles may add this multiple of what the accelerator adds to a block. Default 2. */
  readonly ratio?: number;
}

/** Strengths are proposed in steps of this. */
const grain = 0.05;

export function adviseStacking(
  adapters: readonly StackedAdapter[],
  { ratio = 2 }: StackingLimits = {},
): StackingAdvice {
  const accelerators = adapters.filter(({ accelerator }) => accelerator);
  const styles = adapters.filter(({ accelerator }) => !accelerator);
  const names = [...new Set(adapters.flatMap(({ blocks }) => blocks.map(({ block }) => block)))].sort();
  const blocks = names.map((block): BlockLoad => {
    const style = rootSum(styles, block);
    const accelerator = rootSum(accelerators, block);
    const base = Math.max(0, ...adapters.flatMap((one) => normOf(one, block)?.base ?? []));
    return {
      block,
      ratio: style === 0 ? 0 : style / accelerator,
      relative: base === 0 ? 0 : Math.hypot(style, accelerator) / base,
    };
  });
  // where the accelerator does nothing it cannot be drowned out
  const overloaded =
    accelerators.length === 0 ? [] : blocks.filter((load) => Number.isFinite(load.ratio) && load.ratio > ratio);
  const worst = Math.max(ratio, ...overloaded.map((load) => load.ratio));
  const factor = ratio / worst;
  const strengths = new Map(
    adapters.map(({ name, accelerator, strength }) => [
      name,
      accelerator || factor === 1 ? strength : towardsZero(strength * factor),
    ]),
  );
  return {
    blocks,
    overloaded: overloaded.map(({ block }) => block),
    strengths,
    lines: linesOf(overloaded, strengths, styles),
  };
}

function normOf({ blocks }: StackedAdapter, block: string): BlockNorm | undefined {
  return blocks.find((one) => one.block === block);
}

/** Norm of several deltas in a block, as if they were at right angles. */
function rootSum(adapters: readonly StackedAdapter[], block: string): number {
  return Math.hypot(...adapters.map((one) => one.strength * (normOf(one, block)?.delta ?? 0)));
}

function towardsZero(strength: number): number {
  return Number((Math.trunc(strength / grain + Math.sign(strength) * 1e-9) * grain).toFixed(2));
}

function linesOf(
  overloaded: readonly BlockLoad[],
  strengths: ReadonlyMap<string, number>,
  styles: readonly StackedAdapter[],
): readonly string[] {
  const worst = overloaded.toSorted((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined) return [];
  const proposed = styles.map(({ name, strength }) => `${name} ${strengths.get(name)} instead of ${strength}`);
  return [
    `styles add up to ${worst.ratio.toFixed(1)} times what the accelerator adds (${worst.block}; ${overloaded.length} blocks over the limit)`,
    `try ${proposed.join(", ")}`,
  ];
}
