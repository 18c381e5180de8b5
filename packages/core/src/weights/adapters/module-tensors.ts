// The tensors an adapter file has for one module, by role, and the questions every format asks of them.
import { FewstepError } from "../../errors.js";
import { showName } from "../../files/show-name.js";
import { formatShape } from "../../tensor/shape.js";
import type { LazyTensor } from "../weights.js";
import type { Role } from "./keys.js";

export interface ModuleTensors {
  readonly module: string;
  readonly tensors: ReadonlyMap<Role, LazyTensor>;
  /** What the file says of alpha: undefined where it says nothing (then alpha is the rank). */
  alpha(rank: number): number | undefined;
  /** The alpha tensor's number, for formats to which it is no factor. */
  readonly storedAlpha: number | undefined;
  /** The longest of OFT's skew blocks. */
  readonly longestSkew: number | undefined;
  /** The number of (IA)^3's flag. */
  readonly onInput: number | undefined;
}

/** The tensor of a role that must be there because another one is. Throws `adapter-incomplete`. */
export function required({ module, tensors }: ModuleTensors, role: Role): LazyTensor {
  const tensor = tensors.get(role);
  if (tensor !== undefined) return tensor;
  throw new FewstepError({
    code: "adapter-incomplete",
    message: `the adapter lacks the ${role} tensor of ${showName(module)}`,
    found: [...tensors.values()].map(({ name }) => showName(name)).join(", "),
    hint: "the file is incomplete: download it again or ask its author",
  });
}

/** Throws `adapter-shape` unless `holds`. */
export function checkShapes(holds: boolean, what: string, tensors: readonly LazyTensor[]): void {
  if (holds) return;
  throw new FewstepError({
    code: "adapter-shape",
    message: "the factors of an adapter do not belong together",
    found: tensors.map(({ name, shape }) => `${showName(name)} ${formatShape(shape)}`).join(", "),
    expected: what,
    hint: "the file is damaged: download it again or ask its author",
  });
}

/** The rank, once it is known to be one. Throws `adapter-rank`. */
export function checkedRank(rank: number | undefined, tensor: LazyTensor): number {
  if (rank !== undefined && rank > 0) return rank;
  throw new FewstepError({
    code: "adapter-rank",
    message: "an adapter has no rank",
    found: `${showName(tensor.name)} ${formatShape(tensor.shape)}`,
    expected: "a rank of at least 1",
    hint: "the file is damaged: download it again or ask its author",
  });
}
