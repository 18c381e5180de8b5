// The short way in Node: paths and options -> a Pipeline that computes in a child process of its own and ends it when disposed.
import { FewstepError } from "../errors.js";
import { Pipeline, type PipelineOptions } from "../generate/pipeline.js";
import { type ChildRuntimeOptions, childRuntime } from "../session/child-runtime.js";
import { openLora, openModel, openTaesd } from "./open-model.js";

export interface LoraFile {
  readonly path: string;
  /** On the UNet; default 1. */
  readonly strength?: number;
  /** On the text encoders; default the strength. */
  readonly strengthText?: number;
}

export interface CreatePipelineOptions
  extends ChildRuntimeOptions,
    Pick<PipelineOptions, "casts" | "keep" | "tile" | "previews"> {
  /** A single-file checkpoint or a diffusers folder. */
  readonly model: string;
  readonly unet?: string;
  readonly vae?: string;
  /** A TAESD file that decodes in place of the VAE. */
  readonly taesd?: string;
  readonly loras?: readonly LoraFile[];
  readonly signal?: AbortSignal;
}

/** Strengths beyond this turn any picture into noise: ComfyUI's range. */
const MAX_STRENGTH = 100;

/** @throws FewstepError the codes of openModel, openLora and openTaesd; `bad-strength` */
export async function createPipeline(options: CreatePipelineOptions): Promise<Pipeline> {
  const { model, unet, vae, taesd, loras = [], signal, casts, keep, tile, previews, ...device } = options;
  const open = { ...(unet === undefined ? {} : { unet }), ...(vae === undefined ? {} : { vae }) };
  const checkpoint = await openModel(model, { ...open, ...(signal && { signal }) });
  const adapters = [];
  for (const [index, { path, strength = 1, strengthText = strength }] of loras.entries()) {
    const { fit } = await openLora(path, checkpoint, signal);
    const [strengthUnet, text] = [strength, strengthText].map(checkStrength) as [number, number];
    adapters.push({ id: `lora${index}`, fit, strengthUnet, strengthText: text });
  }
  const part = taesd === undefined ? undefined : await openTaesd(taesd, signal);
  return new OwningPipeline({
    checkpoint,
    adapters,
    runtime: childRuntime(device),
    ...(part && { taesd: part }),
    ...(casts && { casts }),
    ...(keep && { keep }),
    ...(tile === undefined ? {} : { tile }),
    ...(previews && { previews }),
  });
}

/** @throws FewstepError `bad-strength` */
export function checkStrength(strength: number): number {
  if (Number.isFinite(strength) && Math.abs(strength) <= MAX_STRENGTH) return strength;
  throw new FewstepError({
    code: "bad-strength",
    message: "a LoRA's strength is not possible",
    found: String(strength),
    expected: `a number from -${MAX_STRENGTH} to ${MAX_STRENGTH}; 1 is as trained`,
  });
}

/** Its runtime is nobody else's. */
class OwningPipeline extends Pipeline {
  constructor(private readonly owned: PipelineOptions) {
    super(owned);
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.owned.runtime.dispose();
  }
}
