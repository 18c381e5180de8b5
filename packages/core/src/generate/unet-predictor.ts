// The raw network call of sampling: one UNet at batch 1, called for each picture and each conditioning. Batches give nothing on a
// CPU, and a picture made alone equals the same picture in a batch to the last bit.
import { FewstepError } from "../errors.js";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import {
  NAG_INPUTS,
  NEGATIVE_CONTEXT,
  withNormalizedAttentionGuidance,
} from "../graph/passes/normalized-attention-guidance.js";
import { type SeamlessAxes, withSeamlessTiling } from "../graph/passes/seamless.js";
import { timeFeatures } from "../models/sinusoid.js";
import { unet } from "../models/unet.js";
import type { Predict, PredictRequest } from "../sampling/denoiser.js";
import { guidanceEmbedding } from "../sampling/guidance-embedding.js";
import type { ConditioningRole } from "../sampling/guider.js";
import type { Runtime } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import { type AdaptedSession, type AdapterForm, loadAdapted } from "./adapted-network.js";
import type { Conditionings } from "./conditionings.js";
import type { NagPlan } from "./nag-request.js";
import type { SizeIds } from "./size-ids.js";
import type { Conditioning } from "./text-encoding.js";

/** What one loaded graph is made for: other values need another one. */
export interface UnetShapeRequest {
  /** Of the latents. */
  readonly height: number;
  readonly width: number;
  readonly tokens: number;
  /** Edges that go on at the other side. Default: none. */
  readonly seamless?: SeamlessAxes | undefined;
  /** Cross-attention is guided away from the negative prompt (UnetConditions.nag). Default false. */
  readonly nag?: boolean;
}

export interface UnetConditions {
  /** What a role is conditioned on in row `index`. */
  readonly at: Conditionings["at"];
  readonly sizes: SizeIds;
  /** Of a UNet with a guidance embedding; ignored by others. */
  readonly embeddedGuidance?: number;
  /** Channels joined to the latents of every call: mask and masked picture of an inpainting UNet, [5, height, width]. */
  readonly extraChannels?: Float32Array;
  /** Strengths of normalized attention guidance, for a UNet loaded with it. */
  readonly nag?: NagPlan;
}

const f32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: "f32", shape, data });

/** Attention guidance that changes nothing. */
const NEUTRAL: NagPlan = { scale: 1, tau: 1, alpha: 0 };

export class UnetPredictor {
  calls = 0;

  private constructor(
    private readonly checkpoint: Checkpoint,
    private readonly loaded: AdaptedSession,
    readonly shape: UnetShapeRequest,
  ) {}

  static async load(
    runtime: Runtime,
    checkpoint: Checkpoint,
    shape: UnetShapeRequest,
    options: {
      readonly adapters: readonly ActiveAdapter[];
      readonly casts: CastPolicy;
      readonly form: AdapterForm | undefined;
      readonly signal?: AbortSignal;
    },
  ): Promise<UnetPredictor> {
    const { config, weights } = checkpoint.unet;
    const plain = unet(config, { batch: 1, ...shape });
    const guided = shape.nag ? withNormalizedAttentionGuidance(plain) : plain;
    const graph = shape.seamless === undefined ? guided : withSeamlessTiling(guided, shape.seamless);
    const { signal, ...adapted } = options;
    const source = { network: "unet", graph, weights, ...adapted } as const;
    return new UnetPredictor(checkpoint, await loadAdapted(runtime, source, signal), shape);
  }

  get runSeconds(): number {
    return this.loaded.session.runSeconds;
  }

  get createSeconds(): number {
    return this.loaded.session.createSeconds;
  }

  /** The predict function of a run. */
  predict(conditions: UnetConditions): Predict<Float32Array> {
    const { height, width } = this.shape;
    const count = this.checkpoint.unet.config.outChannels * height * width;
    return async (request) => {
      const images = request.input.length / count;
      const { at } = conditions;
      const batch = async (role: ConditioningRole, conditioning: Conditioning) => {
        // the unconditional output is what it would be without attention guidance
        const away =
          role === "conditional" && conditions.nag ? at("unconditional", request.index)[0]!.conditioning : undefined;
        const whole = new Float32Array(request.input.length);
        for (let image = 0; image < images; image++) {
          const sample = request.input.subarray(image * count, (image + 1) * count);
          whole.set(await this.call(sample, conditioning, away, request, conditions), image * count);
        }
        return whole;
      };
      const outputs: Float32Array[] = [];
      for (const role of request.roles) outputs.push(await this.role(role, request.index, conditions, batch));
      return outputs;
    };
  }

  /** AND: unconditional + sum of weight * (part - unconditional), Liu et al. 2022. */
  private async role(
    role: ConditioningRole,
    index: number,
    { at }: UnetConditions,
    batch: (role: ConditioningRole, conditioning: Conditioning) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const parts = at(role, index);
    const [only] = parts;
    if (parts.length === 1 && only!.weight === 1) return batch(role, only!.conditioning);
    const base = await batch("unconditional", at("unconditional", index)[0]!.conditioning);
    const sum = base.slice();
    for (const { weight, conditioning } of parts) {
      const output = await batch(role, conditioning);
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * (output[i]! - base[i]!);
    }
    return sum;
  }

  async dispose(): Promise<void> {
    await this.loaded.session.dispose();
  }

  private async call(
    latents: Float32Array,
    { states, tokens, pooled }: Conditioning,
    away: Conditioning | undefined,
    { timestep, index, signal }: PredictRequest<Float32Array>,
    { sizes, embeddedGuidance, extraChannels, nag }: UnetConditions,
  ): Promise<Float32Array> {
    const { config } = this.checkpoint.unet;
    const { height, width } = this.shape;
    const base = config.down[0]!.channels;
    const feeds: Record<string, Tensor> = {
      sample: f32([1, config.inChannels, height, width], withExtra(latents, extraChannels)),
      time_features: f32([1, base], timeFeatures(timestep, base)),
      context: f32([1, tokens, config.contextWidth], states),
    };
    if (config.additionWidth !== undefined)
      feeds.addition = f32([1, config.additionWidth], addition(config.additionWidth, pooled!, sizes));
    if (config.guidanceWidth !== undefined) {
      const vector = Float32Array.from(guidanceEmbedding(embeddedGuidance ?? 1, config.guidanceWidth));
      feeds.guidance_features = f32([1, config.guidanceWidth], vector);
    }
    if (this.shape.nag) {
      feeds[NEGATIVE_CONTEXT] = f32([1, tokens, config.contextWidth], (away ?? { states }).states);
      const { scale, tau, alpha } = away === undefined || nag === undefined ? NEUTRAL : nag;
      feeds[NAG_INPUTS.scale] = f32([], Float32Array.of(scale));
      feeds[NAG_INPUTS.tau] = f32([], Float32Array.of(tau));
      feeds[NAG_INPUTS.alpha] = f32([], Float32Array.of(alpha));
    }
    const { noise } = await this.loaded.run(feeds, signal, index);
    this.calls += 1;
    const output = noise!.data as Float32Array;
    if (!output.every(Number.isFinite)) throw notFinite(index, timestep);
    return output;
  }
}

function withExtra(latents: Float32Array, extra: Float32Array | undefined): Float32Array {
  if (extra === undefined) return latents;
  const joined = new Float32Array(latents.length + extra.length);
  joined.set(latents);
  joined.set(extra, latents.length);
  return joined;
}

/** Pooled state, then the sinusoids of the six sizes. */
function addition(width: number, pooled: Float32Array, sizes: SizeIds): Float32Array {
  const vector = new Float32Array(width);
  vector.set(pooled);
  const each = (width - pooled.length) / sizes.length;
  sizes.forEach((size, i) => {
    vector.set(timeFeatures(size, each), pooled.length + i * each);
  });
  return vector;
}

function notFinite(index: number, timestep: number): FewstepError {
  return new FewstepError({
    code: "not-finite",
    kind: "failed",
    message: `the network answered something that is no number in step ${index + 1}`,
    found: `NaN or infinity at timestep ${timestep}`,
    hint: "a weight is damaged or an adapter is far too strong: see `fewstep inspect --deep`, and lower the strengths",
  });
}
