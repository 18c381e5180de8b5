// What a run will need of the memory, from shapes alone, before anything is loaded. Weights mapped from files are not counted: the system
// may drop them and read them again. The factors were fitted to runs of SD1.5 on the CPU (see the test) and err to the high side.
import type { Checkpoint } from "../families/checkpoint.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { elementCount } from "../tensor/shape.js";
import { entriesOf } from "../weights/views.js";
import type { Weights } from "../weights/weights.js";
import { KEEP_ALL_BYTES, TILE, WHOLE_LATENTS } from "./memory-policy.js";
import type { GeneratePlan } from "./request.js";

export interface MemoryRequest {
  readonly checkpoint: Pick<Checkpoint, "unet" | "text" | "vae" | "files">;
  readonly plan: Pick<GeneratePlan, "width" | "height">;
  readonly casts: CastPolicy;
  /** Of LoRA files. */
  readonly adapterBytes: number;
  /** What decodes in place of the VAE, if anything. */
  readonly taesd?: object;
}

const FLOAT = 4;
/** Two Node processes and ONNX Runtime without any network. */
const PROCESSES = 150e6;
/** The largest weight is converted to float32 while the one before it is still in use. */
const CASTS_ALIVE = 2;
/** Bytes a latent and channel of the UNet's first level: skips, feed-forward layers, attention. */
const UNET_BYTES = 85;
/** Bytes a pixel and channel of the VAE's first level: nine float32 pictures of its largest level, and a little. */
const VAE_BYTES = 38;
/** Copies of the scores of the VAE's one attention layer, which sees every latent with every other. */
const SCORE_COPIES = 3;
const PIXELS = 64;

/** Bytes. */
export function estimateMemory({ checkpoint, plan, casts, adapterBytes, taesd }: MemoryRequest): number {
  const { unet, text, vae, files } = checkpoint;
  const latents = (plan.width * plan.height) / PIXELS;
  const tiled = taesd === undefined && latents > WHOLE_LATENTS;
  const decoded = tiled ? TILE * TILE : latents;
  const scores = taesd === undefined ? SCORE_COPIES * FLOAT * decoded ** 2 : 0;
  const stages = [
    weightBytes(
      text.map(({ weights }) => weights),
      casts,
    ),
    weightBytes([unet.weights], casts) +
      adapterBytes * (casts === "early" ? 2 : 0) +
      UNET_BYTES * unet.config.down[0]!.channels * latents,
    vae === undefined
      ? 0
      : weightBytes([vae.weights], casts) + VAE_BYTES * vae.config.channels[0]! * decoded * PIXELS + scores,
  ];
  const keepsAll = files.reduce((sum, { blob }) => sum + blob.size, 0) <= KEEP_ALL_BYTES;
  const networks = keepsAll ? stages.reduce((sum, bytes) => sum + bytes, 0) : Math.max(...stages);
  return PROCESSES + networks + 3 * FLOAT * plan.width * plan.height;
}

/** Converted to float32: all of them before the first run, or one after the other. */
function weightBytes(networks: readonly Weights[], casts: CastPolicy): number {
  const counts = networks.flatMap((weights) => [...entriesOf(weights)].map(([, { shape }]) => elementCount(shape)));
  if (casts === "early") return FLOAT * counts.reduce((sum, count) => sum + count, 0);
  // a table of token vectors is read row by row
  const largest = networks.flatMap((weights) =>
    [...entriesOf(weights)].flatMap(([name, { shape }]) =>
      name.includes("token_embedding") ? [] : [elementCount(shape)],
    ),
  );
  return FLOAT * CASTS_ALIVE * Math.max(0, ...largest);
}
