// Where an adapter's alpha comes from: its own tensor, else the PEFT configuration that diffusers stores in the file's metadata, else
// nothing (the rank: a factor of 1). kohya's ss_network_alpha is a record of training and is not read: kohya writes the tensors.
import { FewstepError } from "../../errors.js";
import { type JsonValue, parseJson } from "../../files/json-scanner.js";
import { isJsonObject } from "../../files/read-json.js";
import { showName } from "../../files/show-name.js";
import { elementCount, formatShape } from "../../tensor/shape.js";
import { readTensor } from "../read-tensor.js";
import type { LazyTensor } from "../weights.js";

interface Usable {
  readonly code: string;
  readonly message: string;
  readonly expected: string;
  readonly accepts: (value: number) => boolean;
}

const ALPHA: Usable = {
  code: "adapter-alpha",
  message: "an adapter's alpha is no usable number",
  expected: "one finite number, 0 or more",
  accepts: (value) => Number.isFinite(value) && value >= 0,
};
const ON_INPUT: Usable = {
  code: "adapter-on-input",
  message: "an adapter does not say whether its factors are of inputs or outputs",
  expected: "one number, 0 or 1",
  accepts: (value) => value === 0 || value === 1,
};

/** The number in an alpha tensor of one element, whatever its shape. Throws `adapter-alpha`. */
export const readAlpha = (tensor: LazyTensor, signal?: AbortSignal): Promise<number> =>
  readNumber(tensor, ALPHA, signal);

/** (IA)^3's flag: 1 where its factors are of inputs, 0 where of outputs. Throws `adapter-on-input`. */
export const readOnInput = (tensor: LazyTensor, signal?: AbortSignal): Promise<number> =>
  readNumber(tensor, ON_INPUT, signal);

async function readNumber(
  tensor: LazyTensor,
  { accepts, ...described }: Usable,
  signal?: AbortSignal,
): Promise<number> {
  const single = elementCount(tensor.shape) === 1;
  const value = single ? (await readTensor(tensor, signal))[0]! : Number.NaN;
  if (accepts(value)) return value;
  throw new FewstepError({
    ...described,
    found: `${showName(tensor.name)} ${single ? `is ${value}` : `has shape ${formatShape(tensor.shape)}`}`,
    hint: "the file is damaged: download it again or ask its author",
  });
}

/** Alpha of a module at a rank, as far as metadata tells. */
export type MetadataAlpha = (module: string, rank: number) => number | undefined;

/** Metadata key and components of diffusers' `save_lora_weights`: `unet.lora_alpha`, `text_encoder.alpha_pattern` ... */
const METADATA_KEY = "lora_adapter_metadata";
const COMPONENTS = ["unet", "text_encoder_2", "text_encoder"] as const;

/** Reads PEFT's lora_alpha, alpha_pattern and use_rslora (alpha / sqrt(rank)). Throws `adapter-metadata` when the JSON is none. */
export function metadataAlpha(metadata: ReadonlyMap<string, string>): MetadataAlpha {
  const text = metadata.get(METADATA_KEY);
  if (text === undefined) return () => undefined;
  const config = parseJson(text, {
    subject: `the metadata ${METADATA_KEY}`,
    syntaxCode: "adapter-metadata",
    duplicateCode: "adapter-metadata",
    pythonNumbers: true,
  });
  if (!isJsonObject(config)) return () => undefined;
  return (module, rank) => {
    const component = COMPONENTS.find((name) => module.startsWith(`${name}.`));
    if (component === undefined) return undefined;
    const field = (name: string): JsonValue | undefined => config[`${component}.${name}`];
    const alpha = patternAlpha(field("alpha_pattern"), module) ?? field("lora_alpha");
    if (typeof alpha !== "number" || !Number.isFinite(alpha) || alpha < 0) return undefined;
    return field("use_rslora") === true ? alpha * Math.sqrt(rank) : alpha;
  };
}

/** PEFT's alpha_pattern: keys are the ends of module names. */
function patternAlpha(pattern: JsonValue | undefined, module: string): JsonValue | undefined {
  if (!isJsonObject(pattern)) return undefined;
  const key = Object.keys(pattern).find((end) => module === end || module.endsWith(`.${end}`));
  return key === undefined ? undefined : pattern[key];
}
