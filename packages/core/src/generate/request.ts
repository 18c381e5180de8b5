// What a user asks for, and the plan that it comes to: plain JSON, pure, no weights needed.
import { FewstepError } from "../errors.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { Family, PredictionType } from "../families/family.js";
import type { SeamlessAxes } from "../graph/passes/seamless.js";
import type { NoiseRequest } from "../sampling/noise/noise-source.js";
import { planSampling } from "../sampling/plan.js";
import { scheduleSpec } from "../sampling/plan-schedule.js";
import { samplerDefinitions } from "../sampling/sampler-definitions.js";
import type { SamplerName } from "../sampling/sampler-settings.js";
import type { SamplingOptions } from "../sampling/sampling-options.js";
import type { SamplingPlan } from "../sampling/sampling-plan.js";
import type { ScheduleName } from "../sampling/schedules.js";
import type { PromptGrammar } from "../text/prompt-plan.js";
import type { Weighting } from "../text/weighting.js";
import {
  type FirstPass,
  type HiresPlan,
  type HiresRequest,
  oneGuidance,
  type PassSampling,
  planHires,
} from "./hires-request.js";
import { type NagPlan, type NagRequest, planNag } from "./nag-request.js";
import {
  type InitPlan,
  type InitRequest,
  type MaskPlan,
  type MaskRequest,
  planPictures,
  sideFromPicture,
} from "./picture-request.js";
import type { SizeIds } from "./size-ids.js";

export interface GenerateRequest {
  readonly prompt: string;
  /** For SDXL's second text encoder; default the prompt. */
  readonly prompt2?: string;
  /** Default: none, which SDXL takes as zeros and the others as "". Counts only with guidance. */
  readonly negative?: string;
  readonly negative2?: string;
  /** Multiples of 8; default the picture's to start from (the multiple below), else the family's. */
  readonly width?: number;
  readonly height?: number;
  /** One picture for each; decimal strings or numbers. Default one picture of seed 0. */
  readonly seeds?: readonly (string | number | bigint)[];
  /** Classifier-free guidance; 1 (default) runs no second pass. A UNet with a guidance embedding is given it as an input. */
  readonly guidance?: number | readonly number[];
  /** Steps, sampler, schedule ...: see SamplingOptions. Prediction and zero terminal SNR default to the checkpoint's. */
  readonly sampling?: PassSampling;
  /** Source of noise and how a batch draws it; default torch's CPU generator, one for each picture. */
  readonly noise?: Omit<NoiseRequest, "seeds">;
  /** 1 (default): as the family is meant. 2: the penultimate layer of SD1.5 ... */
  readonly clipSkip?: number;
  /** Default "a1111". */
  readonly grammar?: PromptGrammar;
  /** Default: the grammar's own. */
  readonly weighting?: Weighting;
  /** SDXL's size conditioning; default the picture's size, no crop. */
  readonly sizes?: SizeIds;
  /** A picture to start from. */
  readonly init?: InitRequest;
  /** Which part of that picture is painted anew; an inpainting checkpoint needs one. */
  readonly mask?: MaskRequest;
  /** A second pass at a larger size. */
  readonly hires?: HiresRequest;
  /** Edges that go on at the other side, so that the picture tiles. Default: none. */
  readonly seamless?: SeamlessAxes;
  /** Makes the negative prompt count without a second run of the network, at guidance 1 too. */
  readonly nag?: NagRequest;
}

/** What planning must know of a checkpoint. */
export interface PlanFacts {
  readonly family: Family;
  readonly prediction: PredictionType;
  readonly zeroTerminalSnr: boolean;
  /** The UNet takes guidance as an input. */
  readonly embeddedGuidance: boolean;
}

export function planFacts({ family, prediction, zeroTerminalSnr, unet }: Checkpoint): PlanFacts {
  const embeddedGuidance = unet.config.guidanceWidth !== undefined;
  return { family, prediction: prediction.type, zeroTerminalSnr, embeddedGuidance };
}

export interface GeneratePlan {
  readonly width: number;
  readonly height: number;
  readonly prompt: string;
  readonly prompt2: string;
  readonly negative: string | undefined;
  readonly negative2: string | undefined;
  readonly clipSkip: number;
  readonly grammar: PromptGrammar;
  readonly weighting: Weighting | undefined;
  readonly sizes: SizeIds;
  readonly embeddedGuidance: number | undefined;
  /** The schedule's name; undefined where the timesteps or sigmas were listed. */
  readonly schedule: ScheduleName | undefined;
  readonly sampling: SamplingPlan & { readonly noise: NoiseRequest };
  /** How the picture to start from is taken; the picture itself is no part of a plan. */
  readonly init: InitPlan | undefined;
  readonly mask: MaskPlan | undefined;
  readonly hires: HiresPlan | undefined;
  readonly seamless: SeamlessAxes | undefined;
  readonly nag: NagPlan | undefined;
}

/** Largest side: a latent of 2048 would take hours and tens of gigabytes; refuses slips of the key. */
const MAX_SIDE = 16_384;
const MAX_CLIP_SKIP = 12;
const MAX_SEED = 2n ** 64n;

function side(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 8 && value <= MAX_SIDE && value % 8 === 0) return value;
  throw new FewstepError({
    code: "bad-size",
    message: `the ${name} is not possible`,
    found: String(value),
    expected: `a multiple of 8 from 8 to ${MAX_SIDE}`,
    hint: Number.isFinite(value)
      ? `nearest: ${Math.min(MAX_SIDE, Math.max(8, Math.round(value / 8) * 8))}`
      : "give a number",
  });
}

function seed(value: string | number | bigint): string {
  const text = String(value);
  const whole = typeof value === "number" ? Number.isSafeInteger(value) : /^-?\d{1,20}$/.test(text);
  if (whole && BigInt(text) >= -(2n ** 63n) && BigInt(text) < MAX_SEED) return text;
  throw new FewstepError({
    code: "bad-seed",
    message: "a seed is not possible",
    found: text.slice(0, 40),
    expected: "a whole number from -2^63 to 2^64 - 1 (as text beyond 2^53)",
  });
}

/** @throws FewstepError `bad-seed`, `bad-subseed-strength` */
function planNoise({ seeds = [0], noise = {} }: GenerateRequest): NoiseRequest {
  const { subseeds, subseedStrength = 0 } = noise;
  if (!(subseedStrength >= 0 && subseedStrength <= 1)) {
    throw new FewstepError({
      code: "bad-subseed-strength",
      message: "the strength of the subseed is not possible",
      found: String(subseedStrength),
      expected: "0 to 1",
    });
  }
  return { ...noise, seeds: seeds.map(seed), ...(subseeds && { subseeds: subseeds.map(seed) }) };
}

function checkGuidance(scale: number): number {
  if (scale >= 1 && Number.isFinite(scale)) return scale;
  throw new FewstepError({
    code: "bad-guidance",
    message: "the guidance is not possible",
    found: String(scale),
    expected: "1 or more",
    hint: "1 means no guidance here: publishers' settings and diffusers write 0 for it",
  });
}

/** Sides that are not asked for follow the picture to start from. */
function sidesOf({ family }: PlanFacts, { width, height, init }: GenerateRequest): readonly [number, number] {
  const usual = (name: "width" | "height") =>
    init === undefined ? family.size[name] : sideFromPicture(init.picture[name]);
  return [side("width", width ?? usual("width")), side("height", height ?? usual("height"))];
}

function scheduleNameOf(options: SamplingOptions, sampler: SamplerName): ScheduleName | undefined {
  const listed = options.timesteps !== undefined || options.sigmas !== undefined;
  return listed ? undefined : scheduleSpec(options, samplerDefinitions[sampler]).name;
}

/**
 * @throws FewstepError `bad-size`, `bad-seed`, `bad-subseed-strength`, `bad-guidance`, `bad-clip-skip`, `hires-with-mask`, and the codes of planSampling,
 * planPictures, planHires and planNag
 */
export function planGenerate(facts: PlanFacts, request: GenerateRequest): GeneratePlan {
  const [width, height] = sidesOf(facts, request);
  const guidance = request.guidance ?? 1;
  for (const scale of [guidance, request.hires?.guidance ?? 1].flat()) checkGuidance(scale);
  const clipSkip = request.clipSkip ?? 1;
  if (!Number.isInteger(clipSkip) || clipSkip < 1 || clipSkip > MAX_CLIP_SKIP) {
    throw new FewstepError({
      code: "bad-clip-skip",
      message: "the clip skip is not possible",
      found: String(clipSkip),
      expected: `1 to ${MAX_CLIP_SKIP}; 1 is none, 2 the penultimate layer`,
    });
  }
  const noise = planNoise(request);
  const { init, mask } = planPictures(request.init, request.mask);
  const filled = {
    prediction: facts.prediction,
    zeroTerminalSnr: facts.zeroTerminalSnr,
    ...request.sampling,
  };
  const sampling = planSampling({
    ...filled,
    guidance: facts.embeddedGuidance ? 1 : guidance,
    ...(init && { strength: init.strength }),
    noise,
  });
  return {
    width,
    height,
    prompt: request.prompt,
    prompt2: request.prompt2 ?? request.prompt,
    negative: request.negative,
    negative2: request.negative2 ?? request.negative,
    clipSkip,
    grammar: request.grammar ?? "a1111",
    weighting: request.weighting,
    sizes: request.sizes ?? [height, width, 0, 0, height, width],
    embeddedGuidance: facts.embeddedGuidance ? oneGuidance(guidance) : undefined,
    schedule: scheduleNameOf(request.sampling ?? {}, sampling.sampler.name),
    sampling: { ...sampling, noise },
    init,
    mask,
    hires: hiresOf(facts, request, { width, height, guidance, noise, sampling: filled }),
    seamless: request.seamless,
    nag: planNag(request.nag, request.negative),
  };
}

function hiresOf(
  { embeddedGuidance }: PlanFacts,
  { hires, mask }: GenerateRequest,
  first: Omit<FirstPass, "embeddedGuidance" | "side">,
): HiresPlan | undefined {
  if (hires === undefined) return undefined;
  if (mask === undefined) return planHires(hires, { ...first, embeddedGuidance, side });
  throw new FewstepError({
    code: "hires-with-mask",
    message: "a second pass would paint over the part that the mask keeps",
    hint: "paint with the mask first, then start from that picture at the larger size",
  });
}

/** The second pass of a plan, as a plan of its own: what it starts from comes from the first. */
export function secondPass(
  plan: GeneratePlan,
  { width, height, sizes, sampling, embeddedGuidance }: HiresPlan,
): GeneratePlan {
  return { ...plan, width, height, sizes, sampling, embeddedGuidance, init: undefined, hires: undefined };
}
