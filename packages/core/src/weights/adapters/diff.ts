// Full differences: diff and w_norm add to a weight, diff_b and b_norm to a bias, set_weight replaces a weight.
import type { AdapterTarget, Delta } from "./adapter.js";
import type { Role } from "./keys.js";
import type { ModuleTensors } from "./module-tensors.js";

type DiffRole = Extract<Role, "diff" | "diff_b" | "w_norm" | "b_norm" | "set_weight">;

const PARAMETERS: Readonly<Record<DiffRole, AdapterTarget["parameter"]>> = {
  diff: "weight",
  w_norm: "weight",
  set_weight: "weight",
  diff_b: "bias",
  b_norm: "bias",
};

export function diffTargets({ module, tensors }: ModuleTensors): readonly AdapterTarget[] {
  return Object.entries(PARAMETERS).flatMap(([role, parameter]): AdapterTarget[] => {
    const tensor = tensors.get(role as DiffRole);
    if (tensor === undefined) return [];
    const delta: Delta = role === "set_weight" ? { kind: "set", value: tensor } : { kind: "diff", difference: tensor };
    return [{ module, parameter, delta, keys: [tensor.name] }];
  });
}
