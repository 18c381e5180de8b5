// Tells an adapter file by the endings of its tensor names: which algorithms it uses, in whose spelling, and for which network.
// Only recognises; reading adapters is weights/adapters.
import type { Weights } from "../weights/weights.js";
import type { ForeignModelKind } from "./foreign.js";

export type AdapterAlgorithm =
  | "lora"
  | "loha"
  | "lokr"
  | "dora"
  | "difference"
  | "oft"
  | "boft"
  | "glora"
  | "ia3"
  | "peft-oft"
  | "peft-ia3";
export type AdapterSpelling = "kohya" | "lycoris" | "peft" | "diffusers" | "attention-processor" | "dotted";

export interface AdapterMarks {
  readonly algorithms: ReadonlySet<AdapterAlgorithm>;
  readonly spelling: AdapterSpelling;
  /** A name that carries the first algorithm's mark. */
  readonly evidence: string;
}

/** DoRA is a LoRA with a scale, so a file may carry several marks. */
const ALGORITHMS: readonly (readonly [AdapterAlgorithm, RegExp, axes?: number])[] = [
  [
    "lora",
    /(?:\.lora_(?:down|up|mid)\.weight|[._]lora\.(?:down|up)\.weight|\.lora_(?:A|B)(?:\.\w+)?\.weight|\.lora_linear_layer\.(?:down|up)\.weight|\.lora_[AB])$/,
  ],
  ["loha", /\.hada_(?:w[12]_[ab]|t[12])$/],
  ["lokr", /\.lokr_(?:w[12](?:_[ab])?|t2)$/],
  ["dora", /\.(?:dora_scale|lora_magnitude_vector(?:\.\w+)*|magnitude)$/],
  ["difference", /\.(?:diff|diff_b|w_norm|b_norm|set_weight)$/],
  ["boft", /\.oft_blocks$/, 4],
  ["oft", /\.oft_(?:blocks|diag)$/],
  ["glora", /\.(?:a1|a2|b1|b2|bm)\.weight$/],
  ["ia3", /\.on_input$/],
  ["peft-oft", /\.b?oft_[RSQs](?:\.\w+)*$/],
  ["peft-ia3", /\.ia3_l(?:\.\w+)*$/],
];
const UNSUPPORTED: ReadonlySet<AdapterAlgorithm> = new Set<AdapterAlgorithm>(["peft-oft", "peft-ia3"]);

/** The first that fits the evidence. */
const SPELLINGS: readonly (readonly [AdapterSpelling, RegExp])[] = [
  ["kohya", /^(?:lora|oft)_/],
  ["lycoris", /^lycoris_/],
  ["attention-processor", /\.processor\./],
  ["peft", /\.lora_[AB](?:\.|$)/],
  ["diffusers", /^(?:unet|text_encoder|text_encoder_2)\./],
];

/** Networks other than a Stable Diffusion UNet or text encoder, told by block names in any spelling ("." or "_"). */
const FOREIGN_TARGETS: readonly (readonly [ForeignModelKind, RegExp])[] = [
  ["flux-lora", /(?:^|[._])(?:double_blocks|single_blocks|single_transformer_blocks)[._]\d/],
  ["sd3-lora", /(?:^|[._])joint_blocks[._]\d/],
  ["qwen-lora", /(?:^|[._])transformer_blocks[._]\d+[._](?:img|txt)_m(?:lp|od)/],
  ["wan-lora", /(?:^|[._])blocks[._]\d+[._](?:self_attn|cross_attn|ffn)[._]/],
  ["transformer-lora", /^(?:base_model\.model\.)?(?:transformer\.|lora_transformer_)(?!text_model)/],
  ["transformer-lora", /^(?:base_model\.model\.|diffusion_model\.)?transformer_blocks\./],
];

/** The marks of an adapter; undefined when no tensor name ends as an adapter's do. */
export function adapterMarks(weights: Weights): AdapterMarks | undefined {
  const algorithms = new Set<AdapterAlgorithm>();
  let evidence: string | undefined;
  for (const name of weights.names) {
    const found = ALGORITHMS.find(
      ([, mark, axes]) => mark.test(name) && (axes === undefined || weights.get(name)!.shape.length === axes),
    )?.[0];
    if (found === undefined) continue;
    algorithms.add(found);
    evidence ??= name;
  }
  if (evidence === undefined) return undefined;
  const first = evidence;
  const spelling = SPELLINGS.find(([, mark]) => mark.test(first))?.[0] ?? "dotted";
  return { algorithms, spelling, evidence };
}

/** Why an adapter cannot be used, if so: an unsupported algorithm, or another network. The second value is the name that shows it. */
export function foreignAdapter(weights: Weights, marks: AdapterMarks): readonly [ForeignModelKind, string] | undefined {
  for (const name of weights.names) {
    const target = FOREIGN_TARGETS.find(([, mark]) => mark.test(name));
    if (target !== undefined) return [target[0], name];
  }
  const unsupported = [...marks.algorithms].some((algorithm) => UNSUPPORTED.has(algorithm));
  return unsupported ? ["other-adapter", marks.evidence] : undefined;
}
