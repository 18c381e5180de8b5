// Pictures to latents: by the VAE's encoder, whole or in overlapping tiles, or by TAESD. The VAE answers a distribution, which is read by
// its mean or by one sample of it.
import { FewstepError } from "../errors.js";
import type { VaePart } from "../families/parts.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { type SeamlessAxes, withSeamlessTiling } from "../graph/passes/seamless.js";
import type { Planes } from "../image/pixels.js";
import { taesdEncoder } from "../models/taesd.js";
import { vaeEncoder } from "../models/vae.js";
import type { Runtime, Session } from "../session/session.js";
import type { LatentSize } from "./latent-size.js";
import { addTile, cutTile, type TileLayout, tileLayout } from "./tiles.js";

export type EncoderSource =
  | { readonly kind: "vae"; readonly part: VaePart; readonly scalingFactor: number }
  | { readonly kind: "taesd"; readonly part: TaesdPart };

export interface EncoderOptions {
  readonly casts: CastPolicy;
  /** Side of a tile in latents; 0 encodes whole pictures. */
  readonly tile: number;
  /** Edges that go on at the other side. */
  readonly seamless: SeamlessAxes | undefined;
  readonly signal?: AbortSignal;
}

/** What an encoder answers, at the scale the UNet works in: [channels, height, width]. */
export interface EncodedPicture {
  readonly mean: Float32Array;
  /** Standard deviation; TAESD has none. */
  readonly deviation: Float32Array | undefined;
}

const PIXELS_PER_LATENT = 8;

/** One sample of the distribution: mean + deviation * noise. */
export function sampleOf({ mean, deviation }: EncodedPicture, noise: Float32Array): Float32Array {
  return deviation === undefined ? mean : mean.map((value, i) => value + deviation[i]! * noise[i]!);
}

export class PictureEncoder {
  private constructor(
    private readonly source: EncoderSource,
    private readonly size: LatentSize,
    private readonly layout: TileLayout,
    private readonly session: Session,
  ) {}

  /** @throws FewstepError `encoder-missing` where the file holds a decoder alone */
  static async load(
    runtime: Runtime,
    source: EncoderSource,
    size: LatentSize,
    { casts, tile, seamless, signal }: EncoderOptions,
  ): Promise<PictureEncoder> {
    if (!hasEncoder(source)) {
      throw new FewstepError({
        code: "encoder-missing",
        message: "the autoencoder has no encoder, which turns a picture into latents",
        found: source.kind === "vae" ? "a VAE's decoder alone" : "a TAESD decoder alone",
        hint: "give a whole VAE with --vae FILE",
      });
    }
    const layout = tileLayout(size, tile, seamless);
    const shape = {
      batch: 1,
      height: layout.tile.height * PIXELS_PER_LATENT,
      width: layout.tile.width * PIXELS_PER_LATENT,
    };
    const plain =
      source.kind === "vae" ? vaeEncoder(source.part.config, shape) : taesdEncoder(source.part.config, shape);
    const graph = layout.wraps === undefined ? plain : withSeamlessTiling(plain, layout.wraps);
    const session = await runtime.load(graph, source.part.weights, {
      casts,
      winograd: true,
      ...(signal && { signal }),
    });
    return new PictureEncoder(source, size, layout, session);
  }

  get runSeconds(): number {
    return this.session.runSeconds;
  }

  get createSeconds(): number {
    return this.session.createSeconds;
  }

  /** @param picture of eight times the latents' size, in [-1, 1]. Throws `latents-not-finite`. */
  async encode(picture: Planes, signal?: AbortSignal): Promise<EncodedPicture> {
    const { source, size, layout } = this;
    const sums = new Map<string, Float32Array>();
    const shape = [1, 3, layout.tile.height * PIXELS_PER_LATENT, layout.tile.width * PIXELS_PER_LATENT];
    for (const tile of layout.tiles) {
      const data = cutTile(picture.data, picture, tile, layout.tile, PIXELS_PER_LATENT);
      const outputs = await this.session.run({ image: { dtype: "f32", shape, data } }, signal ? { signal } : {});
      for (const [name, output] of Object.entries(outputs)) {
        const values = output.data as Float32Array;
        const channels = values.length / (layout.tile.height * layout.tile.width);
        const sum = sums.get(name) ?? new Float32Array(channels * size.height * size.width);
        sums.set(name, sum);
        addTile(sum, size, values, tile, layout.tile, 1);
      }
    }
    if (![...sums.values()].every((values) => values.every(Number.isFinite))) throw notFinite();
    if (source.kind === "taesd") return { mean: sums.get("latents")!, deviation: undefined };
    const { scalingFactor } = source;
    return {
      mean: sums.get("mean")!.map((value) => value * scalingFactor),
      deviation: sums.get("logvar")!.map((value) => Math.exp(value / 2) * scalingFactor),
    };
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

/** Whether the file that a source came from has the part that encodes. */
export function hasEncoder(source: EncoderSource): boolean {
  return source.kind === "vae" ? source.part.weights.has("encoder.conv_in.weight") : source.part.encoder;
}

function notFinite(): FewstepError {
  return new FewstepError({
    code: "latents-not-finite",
    kind: "failed",
    message: "the encoder made latents that are not numbers",
    found: "NaN or infinity after encoding",
    hint: "the VAE is damaged: give another with --vae",
  });
}
