// Classifier-free guidance (Ho & Salimans 2022) on raw network outputs, and the rescale of Lin et al. 2023, section 3.4.
// Scale 1 is the conditional output and needs no second run; scale 0 is the unconditional one.
import { sameType, type Values, weightedSum } from "./values.js";

/** Which text a network call is made with. */
export type ConditioningRole = "conditional" | "unconditional";

export interface Guidance {
  readonly scale: number;
  /** phi: 0 leaves the mixture alone, 1 gives it the deviation of the conditional output. */
  readonly rescale: number;
}

const both: readonly ConditioningRole[] = ["conditional", "unconditional"];

/** The outputs a scale needs, in the order `guided` takes them. */
export function neededRoles({ scale, rescale }: Guidance): readonly ConditioningRole[] {
  if (scale === 1) return ["conditional"];
  return scale === 0 && rescale === 0 ? ["unconditional"] : both;
}

/**
 * unconditional + scale * (conditional - unconditional), rescaled.
 * @param outputs as `neededRoles` orders them
 * @param images how many pictures the outputs hold one after the other; each is rescaled by its own deviation
 */
export function guided<V extends Values>(outputs: readonly V[], guidance: Guidance, images = 1): V {
  const [conditional, unconditional] = outputs;
  if (conditional === undefined) throw new RangeError("guidance needs an output");
  if (unconditional === undefined) return conditional;
  const mixed = weightedSum([guidance.scale, conditional], [1 - guidance.scale, unconditional]);
  return guidance.rescale === 0 ? mixed : rescaled(mixed, conditional, guidance.rescale, images);
}

function rescaled<V extends Values>(mixed: V, conditional: V, phi: number, images: number): V {
  const result = sameType(mixed, mixed.length);
  const size = mixed.length / images;
  for (let start = 0; start < mixed.length; start += size) {
    const ratio = deviation(conditional, start, size) / deviation(mixed, start, size);
    const factor = phi * ratio + 1 - phi;
    for (let i = start; i < start + size; i++) result[i] = mixed[i]! * factor;
  }
  return result;
}

/** Sample standard deviation (divided by n - 1, as torch.std). */
function deviation(values: Values, start: number, size: number): number {
  let sum = 0;
  for (let i = start; i < start + size; i++) sum += values[i]!;
  const mean = sum / size;
  let squares = 0;
  for (let i = start; i < start + size; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / (size - 1));
}
