// The one place that knows all of fewstep: checkpoint + adapters + runtime, and a plan, to pictures. Events say what happens meanwhile.
import { FewstepError } from "../errors.js";
import { type Checkpoint, isInpainting } from "../families/checkpoint.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { type Pixels, type Planes, planesToPixels } from "../image/pixels.js";
import { createDraw } from "../sampling/noise/draw.js";
import { sample } from "../sampling/sample.js";
import { type SamplingRow, sigmaValue } from "../sampling/sampling-plan.js";
import type { Runtime } from "../session/session.js";
import { loadClipTokenizer } from "../text/clip-tokenizer.js";
import type { PromptNote } from "../text/prompt-plan.js";
import type { ActiveAdapter } from "./adapted-network.js";
import { type Conditionings, encodeTexts, planTexts } from "./conditionings.js";
import { PictureDecoder } from "./picture-decoder.js";
import { latentPreviewer, type Previewer, type PreviewKind, taesdPreviewer } from "./previewer.js";
import { type GeneratePlan, type GenerateRequest, type PlanFacts, planFacts, planGenerate } from "./request.js";
import { type EmbeddingVectors, TextEncoders } from "./text-encoding.js";
import { UnetPredictor } from "./unet-predictor.js";

export type Stage = "text" | "unet" | "decoder";

export type GenerateEvent =
  | { readonly kind: "loading"; readonly stage: Stage }
  | { readonly kind: "loaded"; readonly stage: Stage; readonly seconds: number }
  | { readonly kind: "note"; readonly note: PromptNote }
  | {
      readonly kind: "step";
      /** Which picture, from 0. */
      readonly picture: number;
      readonly index: number;
      readonly of: number;
      readonly row: SamplingRow;
      /** Latents after the step in the plan's units, and the picture the network sees at signal scale 1. */
      readonly latents: Float32Array;
      readonly denoised: Float32Array;
      readonly seconds: number;
    }
  /** The picture so far, behind its step; only where previews are asked for. */
  | { readonly kind: "preview"; readonly picture: number; readonly index: number; readonly pixels: Pixels }
  | { readonly kind: "decoding"; readonly picture: number; readonly tiles: number }
  | { readonly kind: "picture"; readonly picture: number; readonly seed: string; readonly result: Picture };

export interface Picture {
  readonly pixels: Pixels;
  /** In [-1, 1], not clamped. */
  readonly planes: Planes;
  readonly latents: Float32Array;
}

export interface PipelineOptions {
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
  /** "all" keeps every network loaded between pictures and requests; "one" lets each go before the next. Default by the files' size. */
  readonly keep?: "all" | "one";
  /** Side of a VAE tile in latents; default 64 for pictures beyond 768x768, else none. */
  readonly tile?: number;
  /** Shows every picture after every step: by its latents, at once and small, or by the TAESD. Default: no previews. */
  readonly previews?: PreviewKind;
  /** Makes a run's draws of noise from the plan's request; default fewstep's own noise sources. */
  readonly noise?: typeof createDraw;
}

export interface RunTimings {
  createSeconds: number;
  runSeconds: number;
  calls: number;
}

/** Files beyond this are not kept mapped and loaded all at once. */
const KEEP_ALL_BYTES = 4e9;
const WHOLE_DECODE_LATENTS = 96 * 96;
const TILE = 64;

export class Pipeline {
  readonly timings: RunTimings = { createSeconds: 0, runSeconds: 0, calls: 0 };
  private text: { readonly key: string; readonly encoders: TextEncoders } | undefined;
  private unet: { readonly key: string; readonly predictor: UnetPredictor } | undefined;
  private decoder: { readonly key: string; readonly decoder: PictureDecoder } | undefined;

  private readonly previewer: Previewer | undefined;

  constructor(private readonly options: PipelineOptions) {
    const { previews, checkpoint, runtime, taesd } = options;
    this.previewer =
      previews === "taesd"
        ? taesdPreviewer(runtime, taesd, this.casts)
        : previews && latentPreviewer(checkpoint.family.id);
  }

  get facts(): PlanFacts {
    return planFacts(this.options.checkpoint);
  }

  plan(request: GenerateRequest): GeneratePlan {
    return planGenerate(this.facts, request);
  }

  /** Runs a request or a plan made of one. @throws FewstepError, `interrupted` when the signal is aborted */
  async *generate(
    asked: GenerateRequest | GeneratePlan,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const plan =
      "rows" in ((asked as GeneratePlan).sampling ?? {})
        ? (asked as GeneratePlan)
        : this.plan(asked as GenerateRequest);
    const { checkpoint } = this.options;
    if (isInpainting(checkpoint)) {
      throw new FewstepError({
        code: "inpainting-needs-a-picture",
        message: `${checkpoint.name} is an inpainting checkpoint`,
        hint: "give a picture and a mask, or another checkpoint",
      });
    }
    const conditionings = yield* this.encode(plan, signal);
    for (const note of conditionings.notes) yield { kind: "note", note };
    yield* this.sampleAndDecode(plan, conditionings, signal);
  }

  async dispose(): Promise<void> {
    await this.release("text");
    await this.release("unet");
    await this.release("decoder");
    await this.previewer?.dispose();
  }

  private async *encode(plan: GeneratePlan, signal?: AbortSignal): AsyncGenerator<GenerateEvent, Conditionings, void> {
    const { checkpoint, embeddings, runtime, adapters = [] } = this.options;
    const texts = planTexts(checkpoint, plan, await loadClipTokenizer(), embeddings);
    const key = String(plan.clipSkip);
    if (this.text?.key !== key) {
      await this.makeRoom("text");
      yield { kind: "loading", stage: "text" };
      const options = {
        clipSkip: plan.clipSkip,
        adapters,
        casts: this.casts,
        ...(embeddings && { embeddings }),
        ...(signal && { signal }),
      };
      const encoders = await TextEncoders.load(runtime, checkpoint, options);
      this.text = { key, encoders };
      yield { kind: "loaded", stage: "text", seconds: encoders.createSeconds };
    }
    return encodeTexts(this.text.encoders, texts);
  }

  private async *sampleAndDecode(
    plan: GeneratePlan,
    conditionings: Conditionings,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const { checkpoint } = this.options;
    const channels = checkpoint.unet.config.outChannels;
    const size = { height: plan.height / 8, width: plan.width / 8 };
    const count = channels * size.height * size.width;
    const { noise } = plan.sampling;
    const shared = noise.batch === "one-generator";
    const batches = shared ? [noise.seeds] : noise.seeds.map((one) => [one]);
    let picture = 0;
    for (const seeds of batches) {
      const predictor = yield* this.loadUnet({ ...size, tokens: conditionings.tokens }, signal);
      const conditions = {
        at: conditionings.at,
        sizes: plan.sizes,
        ...(plan.embeddedGuidance === undefined ? {} : { embeddedGuidance: plan.embeddedGuidance }),
      };
      const sigmas = plan.sampling.rows
        .flatMap((row) => [sigmaValue(row.sigma), row.sigmaNext])
        .filter((s) => s > 0 && Number.isFinite(s));
      const draw = (this.options.noise ?? createDraw)(
        { ...noise, seeds },
        {
          images: seeds.length,
          size: { channels, ...size },
          sigmas: { min: Math.min(...sigmas), max: Math.max(...sigmas) },
        },
      );
      let start = performance.now();
      let latents: Float32Array | undefined;
      for await (const step of sample(plan.sampling, predictor.predict(conditions), {
        draw,
        images: seeds.length,
        signal,
      })) {
        latents = step.latents;
        const seconds = (performance.now() - start) / 1000;
        yield { kind: "step", picture, seconds, ...step };
        for (let i = 0; this.previewer !== undefined && i < seeds.length; i++) {
          const denoised = step.denoised.slice(i * count, (i + 1) * count);
          const pixels = await this.previewer.preview(denoised, size, signal);
          yield { kind: "preview", picture: picture + i, index: step.index, pixels };
        }
        start = performance.now();
      }
      for (const [i, one] of seeds.entries()) {
        const own = latents!.slice(i * count, (i + 1) * count);
        yield* this.decode(own, size, picture + i, one, signal);
      }
      picture += seeds.length;
    }
  }

  private async *loadUnet(
    shape: UnetPredictor["shape"],
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, UnetPredictor, void> {
    const key = JSON.stringify(shape);
    if (this.unet?.key === key) return this.unet.predictor;
    await this.makeRoom("unet");
    yield { kind: "loading", stage: "unet" };
    const { checkpoint, runtime, adapters = [] } = this.options;
    const predictor = await UnetPredictor.load(runtime, checkpoint, shape, {
      adapters,
      casts: this.casts,
      ...(signal && { signal }),
    });
    this.unet = { key, predictor };
    yield { kind: "loaded", stage: "unet", seconds: predictor.createSeconds };
    return predictor;
  }

  private async *decode(
    latents: Float32Array,
    size: { height: number; width: number },
    picture: number,
    seed: string,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const { checkpoint, runtime, taesd } = this.options;
    const key = JSON.stringify(size);
    if (this.decoder?.key !== key) {
      await this.makeRoom("decoder");
      yield { kind: "loading", stage: "decoder" };
      const source =
        taesd === undefined
          ? { kind: "vae" as const, part: this.vae(), scalingFactor: checkpoint.scalingFactor }
          : { kind: "taesd" as const, part: taesd };
      const tile =
        this.options.tile ?? (taesd === undefined && size.height * size.width > WHOLE_DECODE_LATENTS ? TILE : 0);
      const decoder = await PictureDecoder.load(runtime, source, size, {
        casts: this.casts,
        tile,
        ...(signal && { signal }),
      });
      this.decoder = { key, decoder };
      yield { kind: "loaded", stage: "decoder", seconds: decoder.createSeconds };
    }
    const { decoder } = this.decoder!;
    yield { kind: "decoding", picture, tiles: decoder.tileCount };
    const planes = await decoder.decode(latents, signal);
    yield { kind: "picture", picture, seed, result: { planes, pixels: planesToPixels(planes), latents } };
  }

  private vae() {
    const { checkpoint } = this.options;
    if (checkpoint.vae !== undefined) return checkpoint.vae;
    throw new FewstepError({
      code: "vae-missing",
      message: `${checkpoint.name} has no VAE`,
      expected: "a VAE to turn latents into a picture",
      hint: "give one with --vae FILE, or a TAESD with --taesd FILE",
    });
  }

  private get casts(): CastPolicy {
    return this.options.casts ?? "late";
  }

  /** Lets the other stages go where the files are too large to keep all. */
  private async makeRoom(stage: Stage): Promise<void> {
    await this.release(stage);
    const bytes = this.options.checkpoint.files.reduce((sum, file) => sum + file.blob.size, 0);
    if ((this.options.keep ?? (bytes > KEEP_ALL_BYTES ? "one" : "all")) === "all") return;
    for (const other of ["text", "unet", "decoder"] as const) if (other !== stage) await this.release(other);
  }

  private async release(stage: Stage): Promise<void> {
    const held = { text: this.text?.encoders, unet: this.unet?.predictor, decoder: this.decoder?.decoder }[stage];
    if (held === undefined) return;
    this.timings.createSeconds += held.createSeconds;
    this.timings.runSeconds += held.runSeconds;
    if (held instanceof UnetPredictor) this.timings.calls += held.calls;
    if (stage === "text") this.text = undefined;
    if (stage === "unet") this.unet = undefined;
    if (stage === "decoder") this.decoder = undefined;
    await held.dispose();
  }
}
