// The networks of a pipeline, each loaded when it is first needed and kept while what is asked of it stays the same. Where the files are
// large, one network goes before the next comes.
import { FewstepError } from "../errors.js";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import type { SeamlessAxes } from "../graph/passes/seamless.js";
import type { Runtime } from "../session/session.js";
import type { AdapterForm } from "./adapted-network.js";
import type { LoadingEvent, Stage } from "./generate-event.js";
import type { LatentSize } from "./latent-size.js";
import { FOLD_CALLS, KEEP_ALL_BYTES, TILE, WHOLE_LATENTS } from "./memory-policy.js";
import { PictureDecoder } from "./picture-decoder.js";
import { type EncoderSource, hasEncoder, PictureEncoder } from "./picture-encoder.js";
import { changesByStep, checkForm } from "./step-strengths.js";
import { TextEncoders } from "./text-encoding.js";
import type { EmbeddingVectors } from "./text-network.js";
import { UnetPredictor, type UnetShapeRequest } from "./unet-predictor.js";

export interface NetworkOptions {
  readonly checkpoint: Checkpoint;
  readonly runtime: Runtime;
  readonly adapters?: readonly ActiveAdapter[];
  /** Decodes in place of the VAE. */
  readonly taesd?: TaesdPart;
  readonly embeddings?: EmbeddingVectors;
  /**
   * "late" (default) keeps weights in the user's file and converts them where they are needed: least memory, fastest start, about a
   * twentieth slower a step. "early" converts once, into memory: for runs of many steps.
   */
  readonly casts?: CastPolicy;
  /** How adapters act on the UNet; default by how often it will be called, and folded where one multiplies weights. */
  readonly adapterForm?: AdapterForm;
  /** "all" keeps every network loaded between pictures and requests; "one" lets each go before the next. Default by the files' size. */
  readonly keep?: "all" | "one";
  /** Side of a VAE tile in latents; default 64 for pictures beyond 768x768, else none. */
  readonly tile?: number;
}

/** Seconds inside the runtime, and calls of the UNet. */
export interface RunTimings {
  readonly createSeconds: number;
  readonly runSeconds: number;
  readonly calls: number;
}

/** What a network is loaded for; another wish loads it anew. */
export interface PictureWish extends LatentSize {
  readonly seamless: SeamlessAxes | undefined;
}

interface Networks {
  readonly text: TextEncoders;
  readonly encoder: PictureEncoder;
  readonly unet: UnetPredictor;
  readonly decoder: PictureDecoder;
}
type Held = { [S in Stage]?: { readonly key: string; readonly network: Networks[S] } };
type Loading<T> = AsyncGenerator<LoadingEvent, T, void>;

const STAGES: readonly Stage[] = ["text", "encoder", "unet", "decoder"];

export class LoadedNetworks {
  /** Of networks that are gone. */
  private past: RunTimings = { createSeconds: 0, runSeconds: 0, calls: 0 };
  private held: Held = {};

  /** @throws FewstepError `fold-with-steps` */
  constructor(private readonly options: NetworkOptions) {
    checkForm(options.adapters ?? [], options.adapterForm);
  }

  get timings(): RunTimings {
    return STAGES.reduce((sum, stage) => added(sum, this.held[stage]?.network), this.past);
  }

  text(clipSkip: number, signal?: AbortSignal): Loading<TextEncoders> {
    const { runtime, checkpoint, embeddings, adapters = [] } = this.options;
    const options = { clipSkip, adapters, ...this.casts, ...(embeddings && { embeddings }), ...(signal && { signal }) };
    return this.load("text", clipSkip, () => TextEncoders.load(runtime, checkpoint, options));
  }

  /** @param calls how often the network will be called: many are worth folding the adapters first */
  unet(shape: UnetShapeRequest, calls: number, signal?: AbortSignal): Loading<UnetPredictor> {
    const { runtime, checkpoint, adapters = [] } = this.options;
    const byCalls = calls < FOLD_CALLS || adapters.some(changesByStep) ? undefined : "folded";
    const form = this.options.adapterForm ?? byCalls;
    const options = { adapters, form, ...this.casts, ...(signal && { signal }) };
    return this.load("unet", { ...shape, form }, () => UnetPredictor.load(runtime, checkpoint, shape, options));
  }

  /** TAESD where the pipeline has one, else the VAE. */
  decoder(wish: PictureWish, signal?: AbortSignal): Loading<PictureDecoder> {
    const { runtime, taesd } = this.options;
    return this.load("decoder", wish, async () => {
      const source = taesd === undefined ? this.vae("to turn latents into a picture") : taesdSource(taesd);
      return PictureDecoder.load(runtime, source, wish, this.pictureOptions(source, wish, signal));
    });
  }

  /** The VAE, and TAESD where no VAE can encode. */
  encoder(wish: PictureWish, signal?: AbortSignal): Loading<PictureEncoder> {
    const { runtime, taesd, checkpoint } = this.options;
    return this.load("encoder", wish, async () => {
      const small = taesd && taesdSource(taesd);
      const vae = checkpoint.vae === undefined && small ? small : this.vae("to turn a picture into latents");
      const source = small !== undefined && !hasEncoder(vae) && hasEncoder(small) ? small : vae;
      return PictureEncoder.load(runtime, source, wish, this.pictureOptions(source, wish, signal));
    });
  }

  async dispose(): Promise<void> {
    for (const stage of STAGES) await this.release(stage);
  }

  private async *load<S extends Stage>(
    stage: S,
    wish: unknown,
    load: () => Promise<Networks[S]>,
  ): Loading<Networks[S]> {
    const key = JSON.stringify(wish);
    const known = this.held[stage];
    if (known?.key === key) return known.network;
    await this.makeRoom(stage);
    yield { kind: "loading", stage };
    const network = await load();
    this.held = { ...this.held, [stage]: { key, network } };
    yield { kind: "loaded", stage, seconds: network.createSeconds };
    return network;
  }

  private vae(purpose: string): EncoderSource {
    const { checkpoint } = this.options;
    if (checkpoint.vae !== undefined) {
      return { kind: "vae", part: checkpoint.vae, scalingFactor: checkpoint.scalingFactor };
    }
    throw new FewstepError({
      code: "vae-missing",
      message: `${checkpoint.name} has no VAE`,
      expected: `a VAE ${purpose}`,
      hint: "give one with --vae FILE, or a TAESD with --taesd FILE",
    });
  }

  private pictureOptions({ kind }: EncoderSource, { height, width, seamless }: PictureWish, signal?: AbortSignal) {
    const tile = this.options.tile ?? (kind === "vae" && height * width > WHOLE_LATENTS ? TILE : 0);
    return { ...this.casts, tile, seamless, ...(signal && { signal }) };
  }

  private get casts(): { readonly casts: CastPolicy } {
    return { casts: this.options.casts ?? "late" };
  }

  /** Lets the other stages go where the files are too large to keep all. */
  private async makeRoom(stage: Stage): Promise<void> {
    await this.release(stage);
    const bytes = this.options.checkpoint.files.reduce((sum, file) => sum + file.blob.size, 0);
    if ((this.options.keep ?? (bytes > KEEP_ALL_BYTES ? "one" : "all")) === "all") return;
    for (const other of STAGES) if (other !== stage) await this.release(other);
  }

  private async release(stage: Stage): Promise<void> {
    const network = this.held[stage]?.network;
    if (network === undefined) return;
    this.past = added(this.past, network);
    this.held = { ...this.held, [stage]: undefined };
    await network.dispose();
  }
}

function added(sum: RunTimings, network: Networks[Stage] | undefined): RunTimings {
  if (network === undefined) return sum;
  return {
    createSeconds: sum.createSeconds + network.createSeconds,
    runSeconds: sum.runSeconds + network.runSeconds,
    calls: sum.calls + (network instanceof UnetPredictor ? network.calls : 0),
  };
}

const taesdSource = (part: TaesdPart): EncoderSource => ({ kind: "taesd", part });
