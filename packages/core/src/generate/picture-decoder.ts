// Latents to pictures by the VAE, whole or in overlapping tiles, or by TAESD.
import { FewstepError } from "../errors.js";
import type { VaePart } from "../families/parts.js";
import type { TaesdPart } from "../families/taesd.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import type { Planes } from "../image/pixels.js";
import { taesdDecoder } from "../models/taesd.js";
import { vaeDecoder } from "../models/vae.js";
import type { Runtime, Session } from "../session/session.js";
import { type Tile, tilesOf } from "./tiles.js";

export interface LatentSize {
  readonly height: number;
  readonly width: number;
}

export type DecoderSource =
  | { readonly kind: "vae"; readonly part: VaePart; readonly scalingFactor: number }
  | { readonly kind: "taesd"; readonly part: TaesdPart };

export interface DecoderOptions {
  readonly casts: CastPolicy;
  /** Side of a tile in latents; 0 decodes whole pictures. A VAE tile sees only itself, so seams are blended over the overlap. */
  readonly tile: number;
  readonly signal?: AbortSignal;
}

const PIXELS_PER_LATENT = 8;
/** Share of a tile that overlaps the next. */
const OVERLAP = 0.25;

export class PictureDecoder {
  private constructor(
    private readonly source: DecoderSource,
    private readonly size: LatentSize,
    private readonly tiles: readonly Tile[],
    private readonly tileSize: LatentSize,
    private readonly session: Session,
  ) {}

  static async load(
    runtime: Runtime,
    source: DecoderSource,
    size: LatentSize,
    options: DecoderOptions,
  ): Promise<PictureDecoder> {
    const whole = options.tile === 0 || (size.height <= options.tile && size.width <= options.tile);
    const tileSize = whole
      ? size
      : { height: Math.min(options.tile, size.height), width: Math.min(options.tile, size.width) };
    const overlap = Math.floor((options.tile || 0) * OVERLAP);
    const tiles = tilesOf(size, tileSize, whole ? 0 : overlap);
    const shape = { batch: 1, ...tileSize };
    const graph =
      source.kind === "vae" ? vaeDecoder(source.part.config, shape) : taesdDecoder(source.part.config, shape);
    const { casts, signal } = options;
    const session = await runtime.load(graph, source.part.weights, { casts, ...(signal && { signal }) });
    return new PictureDecoder(source, size, tiles, tileSize, session);
  }

  get runSeconds(): number {
    return this.session.runSeconds;
  }

  get createSeconds(): number {
    return this.session.createSeconds;
  }

  get tileCount(): number {
    return this.tiles.length;
  }

  /**
   * One picture in [-1, 1], not clamped: three planes. Throws `picture-not-finite`.
   * @param latents [channels, height, width] at the scale the UNet works in
   */
  async decode(latents: Float32Array, signal?: AbortSignal): Promise<Planes> {
    const { height, width } = this.size;
    const channels = latents.length / (height * width);
    const scale = this.source.kind === "vae" ? 1 / this.source.scalingFactor : 1;
    const picture = { height: height * PIXELS_PER_LATENT, width: width * PIXELS_PER_LATENT };
    const sum = new Float32Array(3 * picture.height * picture.width);
    for (const tile of this.tiles) {
      const cut = new Float32Array(channels * this.tileSize.height * this.tileSize.width);
      let at = 0;
      for (let c = 0; c < channels; c++) {
        for (let y = 0; y < this.tileSize.height; y++) {
          const from = (c * height + tile.top + y) * width + tile.left;
          for (let x = 0; x < this.tileSize.width; x++) cut[at++] = latents[from + x]! * scale;
        }
      }
      const shape = [1, channels, this.tileSize.height, this.tileSize.width];
      const { image } = await this.session.run(
        { latents: { dtype: "f32", shape, data: cut } },
        signal ? { signal } : {},
      );
      addTile(sum, picture, image!.data as Float32Array, tile, this.tileSize);
    }
    if (!sum.every(Number.isFinite)) throw notFinite(this.source.kind);
    return { ...picture, channels: 3, data: sum };
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

function addTile(sum: Float32Array, picture: LatentSize, image: Float32Array, tile: Tile, tileSize: LatentSize): void {
  const height = tileSize.height * PIXELS_PER_LATENT;
  const width = tileSize.width * PIXELS_PER_LATENT;
  const [rows, columns] = [tile.rowWeights(height), tile.columnWeights(width)];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * height + y) * width;
      const to =
        (c * picture.height + tile.top * PIXELS_PER_LATENT + y) * picture.width + tile.left * PIXELS_PER_LATENT;
      for (let x = 0; x < width; x++) sum[to + x]! += image[from + x]! * rows[y]! * columns[x]!;
    }
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
