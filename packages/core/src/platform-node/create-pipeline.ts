// The short way in Node: paths and options -> a Pipeline that computes in a child process of its own and ends it when disposed.
import { FewstepError } from "../errors.js";
import { adapterBlocks, type BlockFactors } from "../families/adapter-blocks.js";
import { Pipeline, type PipelineOptions } from "../generate/pipeline.js";
import { type ChildRuntimeOptions, childRuntime } from "../session/child-runtime.js";
import type { Runtime } from "../session/session.js";
import { type EmbeddingFile, openEmbeddings } from "./open-embeddings.js";
import { openLora, openModel, openTaesd } from "./open-model.js";

export interface LoraFile {
  readonly path: string;
  /** On the UNet: one number, or one for each step. Default 1. */
  readonly strength?: number | readonly number[];
  /** On the text encoders; default the strength, or the strongest of the steps. */
  readonly strengthText?: number;
  /** Further factors of blocks: `{ "down.1": 0.5, mid: 0 }`, or of any layers by the beginning of their canonical names. */
  readonly blocks?: BlockFactors;
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
  /** Textual inversions. */
  readonly embeddings?: readonly EmbeddingFile[];
  readonly signal?: AbortSignal;
}

/** Strengths beyond this turn any picture into noise: ComfyUI's range. */
const MAX_STRENGTH = 100;

/** @throws FewstepError the codes of openModel, openLora, openEmbeddings and openTaesd; `bad-strength`, `adapter-block-unknown` */
export async function createPipeline(options: CreatePipelineOptions): Promise<Pipeline> {
  const { device, threads } = options;
  const runtime = childRuntime({ ...(device && { device }), ...(threads === undefined ? {} : { threads }) });
  // it starts while the files are opened
  runtime.start();
  try {
    return await openPipeline(options, runtime);
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

async function openPipeline(options: CreatePipelineOptions, runtime: Runtime): Promise<Pipeline> {
  const { model, unet, vae, taesd, loras = [], embeddings = [], signal, casts, keep, tile, previews } = options;
  const open = { ...(unet === undefined ? {} : { unet }), ...(vae === undefined ? {} : { vae }) };
  const checkpoint = await openModel(model, { ...open, ...(signal && { signal }) });
  const adapters = [];
  for (const [index, { path, strength = 1, strengthText, blocks }] of loras.entries()) {
    const { fit } = await openLora(path, checkpoint, signal);
    const steps = typeof strength === "number" ? undefined : strength.map(checkStrength);
    const strengthUnet = typeof strength === "number" ? checkStrength(strength) : strongest(strength);
    adapters.push({
      id: `lora${index}`,
      fit,
      strengthUnet,
      strengthText: checkStrength(strengthText ?? strengthUnet),
      ...(steps && { strengthSteps: steps }),
      ...(blocks && { blocks: adapterBlocks(fit, blocks) }),
    });
  }
  const inversions = await openEmbeddings(embeddings, checkpoint, signal);
  const part = taesd === undefined ? undefined : await openTaesd(taesd, signal);
  return new OwningPipeline({
    checkpoint,
    adapters,
    runtime,
    ...(part && { taesd: part }),
    ...(inversions.size > 0 && { embeddings: inversions }),
    ...(casts && { casts }),
    ...(keep && { keep }),
    ...(tile === undefined ? {} : { tile }),
    ...(previews && { previews }),
  });
}

/** The one of the largest size: what a list comes to where one number is wanted. 0 of none. */
export function strongest(strengths: readonly number[]): number {
  return strengths.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
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

  /** The process ends first, and its sessions with it: to let each go by itself takes longer. */
  override async dispose(): Promise<void> {
    await this.owned.runtime.dispose();
    await super.dispose();
  }
}
