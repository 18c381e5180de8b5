// Key grammar of adapter files: which part of a name is the module and what the tensor is to it. Spellings: kohya, LyCORIS, diffusers'
// three (attention processors, lora.down, PEFT), ComfyUI's full differences.

export type Role =
  | "alpha"
  | "down"
  | "up"
  | "mid"
  | "hada_w1_a"
  | "hada_w1_b"
  | "hada_w2_a"
  | "hada_w2_b"
  | "hada_t1"
  | "hada_t2"
  | "lokr_w1"
  | "lokr_w1_a"
  | "lokr_w1_b"
  | "lokr_w2"
  | "lokr_w2_a"
  | "lokr_w2_b"
  | "lokr_t2"
  | "oft_blocks"
  | "oft_diag"
  | "rescale"
  | "a1"
  | "a2"
  | "b1"
  | "b2"
  | "bm"
  | "on_input"
  | "weight"
  | "dora_scale"
  | "magnitude"
  | "diff"
  | "diff_b"
  | "w_norm"
  | "b_norm"
  | "set_weight";

const SUFFIXES: readonly (readonly [suffix: string, role: Role])[] = [
  [".lora_down.weight", "down"],
  [".lora_up.weight", "up"],
  [".lora_mid.weight", "mid"],
  [".lora.down.weight", "down"],
  [".lora.up.weight", "up"],
  [".lora_linear_layer.down.weight", "down"],
  [".lora_linear_layer.up.weight", "up"],
  ["_lora.down.weight", "down"],
  ["_lora.up.weight", "up"],
  [".lora_A.weight", "down"],
  [".lora_B.weight", "up"],
  [".lora_A", "down"],
  [".lora_B", "up"],
  [".lora_magnitude_vector.weight", "magnitude"],
  [".lora_magnitude_vector", "magnitude"],
  ...(["a1", "a2", "b1", "b2", "bm"] as const).map((role) => [`.${role}.weight`, role] as const),
  ...(
    [
      "alpha",
      "hada_w1_a",
      "hada_w1_b",
      "hada_w2_a",
      "hada_w2_b",
      "hada_t1",
      "hada_t2",
      "lokr_w1",
      "lokr_w1_a",
      "lokr_w1_b",
      "lokr_w2",
      "lokr_w2_a",
      "lokr_w2_b",
      "lokr_t2",
      "oft_blocks",
      "oft_diag",
      "rescale",
      "on_input",
      "dora_scale",
      "diff",
      "diff_b",
      "w_norm",
      "b_norm",
      "set_weight",
    ] as const
  ).map((role) => [`.${role}`, role] as const),
];

/** Known, so that they are refused by name and not half applied. */
const FOREIGN: readonly (readonly [pattern: RegExp, format: string])[] = [
  [/\.b?oft_[RSs](\.[^.]+)*$/, "OFT or BOFT as PEFT stores it"],
  [/\.ia3_l(\.[^.]+)*$/, "IA3 as PEFT stores it"],
];

export interface AdapterKey {
  readonly module: string;
  readonly role: Role;
}

const BARE = ".weight";

/** Module and role of a name, or undefined if no format has such a name. `has`: whether the file has another name. */
export function adapterKey(name: string, has: (name: string) => boolean): AdapterKey | undefined {
  // PEFT puts the adapter's own name in: lora_A.default.weight
  const plain = name.replace(/\.(lora_[AB]|lora_magnitude_vector)\.[^.]+\.weight$/, ".$1.weight");
  const found = SUFFIXES.find(([suffix]) => plain.endsWith(suffix));
  if (found !== undefined) return { module: plain.slice(0, -found[0].length), role: found[1] };
  // (IA)^3 calls its factors as a checkpoint calls weights: only the flag beside them tells
  const bare = name.endsWith(BARE) ? name.slice(0, -BARE.length) : undefined;
  return bare !== undefined && has(`${bare}.on_input`) ? { module: bare, role: "weight" } : undefined;
}

/** The algorithm a name belongs to, if it is one that is not computed here. */
export function foreignFormat(name: string): string | undefined {
  return FOREIGN.find(([pattern]) => pattern.test(name))?.[1];
}
