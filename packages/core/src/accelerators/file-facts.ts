// What a file tells about itself, collected without reading its weights: names, shapes, ranks, alphas, dtype, length, metadata.
// Which accelerator these facts fit is recognise.ts.

import type { FamilyId } from "../families/family.js";
import type { RecognisedFile } from "../families/recognise-file.js";
import type { FileSource } from "../files/source.js";
import type { DType } from "../tensor/dtype.js";
import type { Adapter, Delta, LoraDelta } from "../weights/adapters/adapter.js";
import type { Weights } from "../weights/weights.js";
import type { AcceleratorForm } from "./accelerator.js";
import type { FileHashes } from "./hash-file.js";

export interface LoraFacts {
  readonly modules: number;
  /** Distinct ranks, ascending. */
  readonly ranks: readonly number[];
  /** Distinct alpha / rank, ascending. */
  readonly scales: readonly number[];
  /** Whether the file says an alpha at all; without one it is taken to be the rank. */
  readonly alphaStored: boolean;
  readonly textEncoder: boolean;
  readonly convolutions: boolean;
}

export interface AcceleratorFileFacts {
  readonly fileName: string;
  readonly form: AcceleratorForm;
  readonly base?: FamilyId;
  readonly bytes: number;
  readonly tensors: number;
  /** Of the weights; alphas do not count. */
  readonly dtypes: readonly DType[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly lora?: LoraFacts;
  /** The UNet takes guidance as an input. */
  readonly guidanceInput: boolean;
  readonly hashes?: FileHashes;
}

const forms: ReadonlyMap<string, AcceleratorForm> = new Map([
  ["adapter", "lora"],
  ["unet", "unet"],
  ["checkpoint", "checkpoint"],
] as const);

/** Undefined where the file is nothing that an accelerator can be. `adapter` is the parsed file, if it is one. */
export function acceleratorFileFacts(
  source: FileSource,
  found: RecognisedFile,
  adapter?: Adapter,
  hashes?: FileHashes,
): AcceleratorFileFacts | undefined {
  const form = forms.get(found.kind);
  if (form === undefined || found.file === undefined) return undefined;
  const { weights, metadata } = found.file;
  return {
    fileName: source.name,
    form,
    ...(found.family === undefined ? {} : { base: found.family }),
    bytes: source.blob.size,
    tensors: weights.names.size,
    dtypes: dtypesOf(weights),
    metadata,
    ...(adapter === undefined ? {} : { lora: loraFacts(adapter, weights, metadata) }),
    guidanceInput: [...weights.names].some((name) => /(?:time_embed|time_embedding)\.cond_proj\.weight$/.test(name)),
    ...(hashes === undefined ? {} : { hashes }),
  };
}

function loraFacts(adapter: Adapter, weights: Weights, metadata: ReadonlyMap<string, string>): LoraFacts {
  const loras = adapter.targets.flatMap(({ delta }) => lowRank(delta) ?? []);
  const ascending = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  return {
    modules: new Set(adapter.targets.map(({ module }) => module)).size,
    ranks: ascending(loras.map(({ rank }) => rank)),
    scales: ascending(loras.map(({ alpha, rank }) => alpha / rank)),
    alphaStored: [...weights.names].some((name) => name.endsWith(".alpha")) || metadata.has("lora_adapter_metadata"),
    textEncoder: adapter.targets.some(({ module }) => /^(?:lora_te|text_encoder|lycoris_te)/.test(module)),
    convolutions: loras.some(({ down }) => down.shape.slice(2).some((axis) => axis > 1)),
  };
}

function lowRank(delta: Delta): LoraDelta | undefined {
  if (delta.kind === "lora") return delta;
  return delta.kind === "dora" ? lowRank(delta.of) : undefined;
}

function dtypesOf(weights: Weights): readonly DType[] {
  const dtypes = new Set<DType>();
  for (const name of weights.names) {
    const tensor = weights.get(name);
    if (tensor !== undefined && !name.endsWith(".alpha")) dtypes.add(tensor.dtype);
  }
  return [...dtypes].sort();
}
