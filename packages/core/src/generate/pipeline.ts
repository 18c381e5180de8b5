// The one place that knows all of fewstep: checkpoint + adapters + runtime, and a plan, to pictures. Events say what happens meanwhile.
import { FewstepError } from "../errors.js";
import { isInpainting } from "../families/checkpoint.js";
import { type Planes, pixelsToPlanes, planesToPixels } from "../image/pixels.js";
import { resize } from "../image/resize.js";
import { createDraw, pictureNoise, type RunDraw } from "../sampling/noise/draw.js";
import type { NoiseRequest } from "../sampling/noise/noise-source.js";
import { sample, startLatents } from "../sampling/sample.js";
import { sigmaValue } from "../sampling/sampling-plan.js";
import { loadClipTokenizer } from "../text/clip-tokenizer.js";
import { type Conditionings, encodeTexts, planTexts } from "./conditionings.js";
import { fitMask, fitPicture } from "./fit-picture.js";
import type { GenerateEvent } from "./generate-event.js";
import type { HiresPlan } from "./hires-request.js";
import { LoadedNetworks, type NetworkOptions, type RunTimings } from "./loaded-networks.js";
import { type GivenPictures, picturesOf } from "./picture-request.js";
import { latentPreviewer, type Previewer, type PreviewKind, taesdPreviewer } from "./previewer.js";
import {
  type GeneratePlan,
  type GenerateRequest,
  type PlanFacts,
  planFacts,
  planGenerate,
  secondPass,
} from "./request.js";
import { resizeLatents } from "./resize-latents.js";
import { type BatchStart, encodeStart, pasted, startBatch } from "./start-from-picture.js";
import { checkStepStrengths } from "./step-strengths.js";

export type { GenerateEvent, Picture, Stage } from "./generate-event.js";
export type { RunTimings } from "./loaded-networks.js";

export interface PipelineOptions extends NetworkOptions {
  /** Shows every picture after every step: by its latents, at once and small, or by the TAESD. Default: no previews. */
  readonly previews?: PreviewKind;
  /** Makes a run's draws of noise from the plan's request; default fewstep's own noise sources. */
  readonly noise?: typeof createDraw;
}

/** Pictures that are made in one run of the sampler. */
interface Batch {
  /** Which picture its first is. */
  readonly picture: number;
  readonly noise: NoiseRequest;
}

interface Pass {
  readonly number: 1 | 2;
  readonly plan: GeneratePlan;
  readonly conditionings: Conditionings;
  /** What a batch starts from; default noise alone. */
  readonly begin?: (draw: RunDraw, batch: Batch) => Partial<BatchStart>;
}

/** Calls of the UNet for all pictures of a plan. */
const networkCalls = ({ sampling: { rows, noise } }: GeneratePlan): number =>
  noise.seeds.length *
  rows.reduce((sum, { guidance, middle }) => sum + (guidance === 1 ? 1 : 2) * (middle === undefined ? 1 : 2), 0);

const latentSize = ({ height, width }: GeneratePlan) => ({ height: height / 8, width: width / 8 });

export class Pipeline {
  private readonly networks: LoadedNetworks;
  private readonly previewer: Previewer | undefined;

  constructor(private readonly options: PipelineOptions) {
    const { previews, checkpoint, runtime, taesd, casts = "late" } = options;
    this.networks = new LoadedNetworks(options);
    this.previewer =
      previews === "taesd" ? taesdPreviewer(runtime, taesd, casts) : previews && latentPreviewer(checkpoint.family.id);
  }

  get timings(): RunTimings {
    return this.networks.timings;
  }

  get facts(): PlanFacts {
    return planFacts(this.options.checkpoint);
  }

  plan(request: GenerateRequest): GeneratePlan {
    return planGenerate(this.facts, request);
  }

  /**
   * Runs a request or a plan made of one.
   * @param pictures for a plan, those its request had; a request has its own
   * @throws FewstepError, `interrupted` when the signal is aborted
   */
  async *generate(
    asked: GenerateRequest | GeneratePlan,
    signal?: AbortSignal,
    pictures: GivenPictures = {},
  ): AsyncGenerator<GenerateEvent, void, void> {
    const planned = "rows" in ((asked as GeneratePlan).sampling ?? {});
    const plan = planned ? (asked as GeneratePlan) : this.plan(asked as GenerateRequest);
    checkStepStrengths(this.options.adapters ?? [], plan.sampling.rows.length);
    const start = this.fitted(plan, planned ? pictures : picturesOf(asked as GenerateRequest));
    const first: Pass = { number: 1, plan, conditionings: yield* this.encodeTexts(plan, undefined, signal) };
    const above = plan.hires && secondPass(plan, plan.hires);
    const second = above && (yield* this.encodeTexts(above, plan.sampling.rows.length, signal));
    const begin = yield* this.encodeStart(plan, start, signal);
    const finish = (planes: Planes): Planes =>
      plan.mask?.paste ? pasted(planes, start.picture!, start.mask!) : planes;
    if (above === undefined) {
      for (const batch of batchesOf(plan)) {
        const latents = yield* this.sample({ ...first, ...begin }, batch, signal);
        yield* this.decodeBatch(plan, batch, latents, finish, signal);
      }
      return;
    }
    // all pictures' first passes, then their second ones: each size of the UNet is loaded once
    const made: Float32Array[] = [];
    for (const batch of batchesOf(plan)) made.push(yield* this.sample({ ...first, ...begin }, batch, signal));
    const larger: Float32Array[] = [];
    for (const latents of made) larger.push(yield* this.upscale(plan, plan.hires!, latents, signal));
    for (const [index, batch] of batchesOf(above).entries()) {
      const from = (draw: RunDraw) => ({ start: startLatents(above.sampling, draw, larger[index]!) });
      const latents = yield* this.sample(
        { number: 2, plan: above, conditionings: second!, begin: from },
        batch,
        signal,
      );
      yield* this.decodeBatch(above, batch, latents, finish, signal);
    }
  }

  async dispose(): Promise<void> {
    await this.networks.dispose();
    await this.previewer?.dispose();
  }

  /** The pictures that the plan needs, at its size. */
  private fitted(plan: GeneratePlan, given: GivenPictures) {
    const { checkpoint } = this.options;
    if (isInpainting(checkpoint) && (plan.init === undefined || plan.mask === undefined)) {
      throw new FewstepError({
        code: "inpainting-needs-a-picture",
        message: `${checkpoint.name} is an inpainting checkpoint`,
        found: plan.init === undefined ? "no picture" : "a picture without a mask",
        hint: "give a picture and a mask, or another checkpoint",
      });
    }
    const { init, mask } = plan;
    if (init === undefined) return { picture: undefined, mask: undefined };
    if (given.init === undefined || (mask !== undefined && given.mask === undefined)) {
      throw new FewstepError({
        code: "plan-needs-a-picture",
        message: "the plan starts from a picture, which is no part of it",
        found: given.init === undefined ? "no picture" : "a picture without its mask",
        hint: "give generate() the pictures of the plan's request",
      });
    }
    return {
      picture: fitPicture(given.init, plan, init.fit),
      mask: mask && fitMask(given.mask!, given.init, plan, init.fit, mask),
    };
  }

  private async *encodeTexts(
    plan: GeneratePlan,
    firstPassSteps: number | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, Conditionings, void> {
    const { checkpoint, embeddings } = this.options;
    const texts = planTexts(checkpoint, plan, await loadClipTokenizer(), embeddings, firstPassSteps);
    const conditionings = await encodeTexts(yield* this.networks.text(plan.clipSkip, signal), texts);
    if (firstPassSteps === undefined) for (const note of conditionings.notes) yield { kind: "note", note };
    return conditionings;
  }

  private async *encodeStart(
    plan: GeneratePlan,
    { picture, mask }: ReturnType<Pipeline["fitted"]>,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, Pick<Pass, "begin">, void> {
    if (picture === undefined) return {};
    const encoder = yield* this.networks.encoder({ ...latentSize(plan), seamless: plan.seamless }, signal);
    const inpainting = isInpainting(this.options.checkpoint);
    const encoded = await encodeStart(encoder, plan.init!, picture, mask, inpainting, signal);
    return { begin: (draw, { noise }) => startBatch(plan.sampling, encoded, draw, noise.seeds.length) };
  }

  /** Answers the last latents of the batch. */
  private async *sample(
    { number, plan, conditionings, begin }: Pass,
    batch: Batch,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, Float32Array, void> {
    const { picture, noise } = batch;
    const images = noise.seeds.length;
    const { seamless, nag, embeddedGuidance, sizes } = plan;
    const size = latentSize(plan);
    const shape = { ...size, tokens: conditionings.tokens, seamless, nag: nag !== undefined };
    const predictor = yield* this.networks.unet(shape, networkCalls(plan), signal);
    const channels = this.options.checkpoint.unet.config.outChannels;
    const draw = this.draw(plan, noise, channels);
    const { start, extraChannels, afterStep } = begin?.(draw, batch) ?? {};
    const conditions = {
      at: conditionings.at,
      sizes,
      ...(embeddedGuidance === undefined ? {} : { embeddedGuidance }),
      ...(extraChannels && { extraChannels }),
      ...(nag && { nag }),
    };
    let stepped: Float32Array | undefined;
    const steps = sample(plan.sampling, predictor.predict(conditions), {
      draw,
      start,
      images,
      signal,
      ...(afterStep && {
        afterStep: (latents, following) => {
          stepped = latents;
          return afterStep(latents, following);
        },
      }),
    });
    const count = channels * size.height * size.width;
    let latents: Float32Array | undefined;
    let since = performance.now();
    for await (const step of steps) {
      latents = step.latents;
      const seconds = (performance.now() - since) / 1000;
      yield { kind: "step", picture, pass: number, seconds, ...step, ...(stepped && { stepped }) };
      for (let i = 0; this.previewer !== undefined && i < images; i++) {
        const denoised = step.denoised.slice(i * count, (i + 1) * count);
        const pixels = await this.previewer.preview(denoised, size, signal);
        yield { kind: "preview", picture: picture + i, index: step.index, pixels };
      }
      since = performance.now();
    }
    return latents!;
  }

  private draw({ sampling, ...plan }: GeneratePlan, noise: NoiseRequest, channels: number): RunDraw {
    const sigmas = sampling.rows
      .flatMap((row) => [sigmaValue(row.sigma), row.sigmaNext])
      .filter((sigma) => sigma > 0 && Number.isFinite(sigma));
    return (this.options.noise ?? createDraw)(noise, {
      images: noise.seeds.length,
      size: { channels, height: plan.height / 8, width: plan.width / 8 },
      sigmas: { min: Math.min(...sigmas), max: Math.max(...sigmas) },
    });
  }

  /** Latents of a batch at the second pass' size. */
  private async *upscale(
    plan: GeneratePlan,
    hires: HiresPlan,
    latents: Float32Array,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, Float32Array, void> {
    const [size, wanted] = [latentSize(plan), { height: hires.height / 8, width: hires.width / 8 }];
    if (hires.upscale === "latent") return resizeLatents(latents, size, wanted, hires.filter);
    const count = this.options.checkpoint.unet.config.outChannels * size.height * size.width;
    const pictures: Planes[] = [];
    const decoder = yield* this.networks.decoder({ ...size, seamless: plan.seamless }, signal);
    for (let at = 0; at < latents.length; at += count) {
      const pixels = planesToPixels(await decoder.decode(latents.slice(at, at + count), signal));
      pictures.push(pixelsToPlanes(resize(pixels, hires.width, hires.height, "lanczos")));
    }
    const encoder = yield* this.networks.encoder({ ...wanted, seamless: plan.seamless }, signal);
    const whole = new Float32Array((latents.length / (size.height * size.width)) * wanted.height * wanted.width);
    let at = 0;
    for (const picture of pictures) {
      const { mean } = await encoder.encode(picture, signal);
      whole.set(mean, at);
      at += mean.length;
    }
    return whole;
  }

  private async *decodeBatch(
    plan: GeneratePlan,
    { picture: first, noise: { seeds } }: Batch,
    latents: Float32Array,
    finish: (planes: Planes) => Planes,
    signal?: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const count = latents.length / seeds.length;
    const decoder = yield* this.networks.decoder({ ...latentSize(plan), seamless: plan.seamless }, signal);
    for (const [i, seed] of seeds.entries()) {
      const own = latents.slice(i * count, (i + 1) * count);
      const picture = first + i;
      yield { kind: "decoding", picture, tiles: decoder.tileCount };
      const planes = finish(await decoder.decode(own, signal));
      yield { kind: "picture", picture, seed, result: { planes, pixels: planesToPixels(planes), latents: own } };
    }
  }
}

function batchesOf({ sampling: { noise } }: GeneratePlan): readonly Batch[] {
  if (noise.batch === "one-generator") return [{ picture: 0, noise }];
  return noise.seeds.map((_, picture) => ({ picture, noise: pictureNoise(noise, picture) }));
}
