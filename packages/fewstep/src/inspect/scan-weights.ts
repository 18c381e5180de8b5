// A look at every weight of a file: which tensors hold NaN or infinity.
import { FewstepError, type LazyTensor, scanTensor } from "@fewstep/core";
import { createProgress, type ProgressStream } from "../run/progress.js";

export interface WeightScan {
  readonly tensors: number;
  /** Tensors of kinds that hold no fractions, or that cannot be converted. */
  readonly skipped: number;
  readonly damaged: readonly DamagedTensor[];
}

export interface DamagedTensor {
  readonly name: string;
  readonly nan: number;
  readonly infinite: number;
  readonly elements: number;
}

/** Stored types that can hold NaN, and that are read. */
export const FLOATS: ReadonlySet<string> = new Set(["f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2"]);

export async function scanWeights(
  weights: readonly LazyTensor[],
  stream: ProgressStream,
  signal: AbortSignal,
): Promise<WeightScan> {
  const floats = weights.filter(({ dtype }) => FLOATS.has(dtype));
  const damaged: DamagedTensor[] = [];
  const progress = createProgress(stream, floats.length);
  // lines would be one a tensor
  const every = stream.isTTY ? 16 : floats.length;
  for (const [index, tensor] of floats.entries()) {
    if (index % every === 0) progress.stage(`reading ${index}/${floats.length} tensors`);
    const { nan, infinite, elements } = await scanTensor(tensor, signal);
    if (nan + infinite > 0) damaged.push({ name: tensor.name, nan, infinite, elements });
  }
  progress.end();
  return { tensors: floats.length, skipped: weights.length - floats.length, damaged };
}

/** @throws FewstepError `weights-not-finite` */
export function requireFinite(name: string, { damaged }: WeightScan): void {
  const [first] = damaged;
  if (first === undefined) return;
  throw new FewstepError({
    code: "weights-not-finite",
    message: `${name} has weights that are no numbers`,
    found: `${damaged.length} tensors with NaN or infinity, the first ${JSON.stringify(first.name)}`,
    hint: "the file is damaged or was converted wrongly: get it again from its author",
  });
}
