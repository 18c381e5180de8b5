// Latents to pictures by the VAE, whole or in overlapping tiles, or by TAESD.
import { FewstepError } from "../errors.js";
import type { VaePart } from "../families/parts.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { type SeamlessAxes, withSeamlessTiling } from "../graph/passes/seamless.js";
import type { Planes } from "../image/pixels.js";
import { taesdDecoder } from "../models/taesd.js";
import { vaeDecoder } from "../models/vae.js";
import type { Runtime, Session } from "../session/session.js";
import type { LatentSize } from "./latent-size.js";
import { addTile, cutTile, type TileLayout, tileLayout } from "./tiles.js";

export type DecoderSource =
  | { readonly kind: "vae"; readonly part: VaePart; readonly scalingFactor: number }
  | { readonly kind: "taesd"; readonly part: TaesdPart };

export interface DecoderOptions {
  readonly casts: CastPolicy;
  /** Side of a tile in latents; 0 decodes whole pictures. A VAE tile sees only itself, so seams are blended over the overlap. */
  readonly tile: number;
  /** Edges that go on at the other side. Default: none. */
  readonly seamless?: SeamlessAxes | undefined;
  readonly signal?: AbortSignal;
}

const PIXELS_PER_LATENT = 8;

export class PictureDecoder {
  private constructor(
    private readonly source: DecoderSource,
    private readonly size: LatentSize,
    private readonly layout: TileLayout,
    private readonly session: Session,
  ) {}

  static async load(
    runtime: Runtime,
    source: DecoderSource,
    size: LatentSize,
    options: DecoderOptions,
  ): Promise<PictureDecoder> {
    const { casts, tile, seamless, signal } = options;
    const layout = tileLayout(size, tile, seamless);
    const shape = { batch: 1, ...layout.tile };
    const plain =
      source.kind === "vae" ? vaeDecoder(source.part.config, shape) : taesdDecoder(source.part.config, shape);
    const graph = layout.wraps === undefined ? plain : withSeamlessTiling(plain, layout.wraps);
    const session = await runtime.load(graph, source.part.weights, {
      casts,
      winograd: true,
      ...(signal && { signal }),
    });
    return new PictureDecoder(source, size, layout, session);
  }

  get runSeconds(): number {
    return this.session.runSeconds;
  }

  get createSeconds(): number {
    return this.session.createSeconds;
  }

  get tileCount(): number {
    return this.layout.tiles.length;
  }

  /**
   * One picture in [-1, 1], not clamped: three planes. Throws `picture-not-finite`.
   * @param latents [channels, height, width] at the scale the UNet works in
   */
  async decode(latents: Float32Array, signal?: AbortSignal): Promise<Planes> {
    const { size, layout } = this;
    const channels = latents.length / (size.height * size.width);
    const scale = this.source.kind === "vae" ? 1 / this.source.scalingFactor : 1;
    const picture = { height: size.height * PIXELS_PER_LATENT, width: size.width * PIXELS_PER_LATENT };
    const sum = new Float32Array(3 * picture.height * picture.width);
    const shape = [1, channels, layout.tile.height, layout.tile.width];
    for (const tile of layout.tiles) {
      const data = cutTile(latents, size, tile, layout.tile, 1).map((value) => value * scale);
      const { image } = await this.session.run({ latents: { dtype: "f32", shape, data } }, signal ? { signal } : {});
      addTile(sum, picture, image!.data as Float32Array, tile, layout.tile, PIXELS_PER_LATENT);
    }
    if (!sum.every(Number.isFinite)) throw notFinite(this.source.kind);
    return { ...picture, channels: 3, data: sum };
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

function notFinite(kind: DecoderSource["kind"]): FewstepError {
  return new FewstepError({
    code: "picture-not-finite",
    kind: "failed",
    message: "the decoder made a picture that is not numbers",
    found: "NaN or infinity after decoding",
    hint:
      kind === "vae"
        ? "the VAE is damaged: give another with --vae, or --taesd"
        : "the TAESD file is damaged: get it again",
  });
}
