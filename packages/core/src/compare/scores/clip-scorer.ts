// CLIP score (Hessel et al. 2021, "CLIPScore: a reference-free evaluation metric for image captioning") by a CLIP file of the user's, on any
// runtime. A prompt beyond CLIP's 77 tokens is cut there; its weights and brackets are read as plain text.
import type { ClipPart } from "../../families/clip.js";
import type { Pixels } from "../../image/pixels.js";
import { clipText } from "../../models/clip-text.js";
import { clipVision } from "../../models/clip-vision.js";
import type { Runtime, Session } from "../../session/session.js";
import { CLIP_IDS, loadClipTokenizer, type Tokenizer } from "../../text/clip-tokenizer.js";
import { readRows } from "../../weights/read-rows.js";
import { clipPixels } from "./clip-pixels.js";
import { cosine, type ModelScores, type PictureScorer, type ScoredPicture } from "./model-scores.js";

const TOKEN_TABLE = "text_model.embeddings.token_embedding.weight";
const f32 = (shape: readonly number[], data: Float32Array) => ({ dtype: "f32" as const, shape, data });

export class ClipScorer implements PictureScorer {
  readonly kind = "clip";
  private readonly texts = new Map<string, Promise<Float32Array>>();
  /** A reference stands beside many cells that follow one another. */
  private last: { readonly pixels: Pixels; readonly embedded: Promise<Float32Array> } | undefined;

  private constructor(
    readonly id: string,
    private readonly part: ClipPart,
    private readonly vision: Session,
    private readonly text: Session | undefined,
    private readonly tokenizer: Tokenizer,
  ) {}

  /** @param id the file's hash */
  static async load(runtime: Runtime, part: ClipPart, id: string, signal?: AbortSignal): Promise<ClipScorer> {
    const options = { casts: "late" as const, ...(signal === undefined ? {} : { signal }) };
    const vision = await runtime.load(clipVision(part.vision), part.weights, options);
    const request = { batch: 1, tokens: part.text?.positions ?? 0, skip: 1, normed: true, pooled: true };
    const text = part.text && (await runtime.load(clipText(part.text, request), part.weights, options));
    return new ClipScorer(id, part, vision, text, await loadClipTokenizer());
  }

  async score({ pixels, prompt, reference }: ScoredPicture, signal: AbortSignal): Promise<ModelScores> {
    const own = await this.picture(pixels, signal);
    const said = this.text && (await this.prompt(prompt, this.text, signal));
    const beside = reference && (await this.reference(reference, signal));
    return {
      ...(said === undefined ? {} : { clip: Math.max(0, 100 * cosine(own, said)) }),
      ...(beside === undefined ? {} : { clipReference: 100 * cosine(own, beside) }),
    };
  }

  async dispose(): Promise<void> {
    await this.vision.dispose();
    await this.text?.dispose();
  }

  private async picture(pixels: Pixels, signal: AbortSignal): Promise<Float32Array> {
    const { size } = this.part.vision;
    const feeds = { pixels: f32([1, 3, size, size], clipPixels(pixels, size)) };
    return (await this.vision.run(feeds, { signal })).embedded!.data as Float32Array;
  }

  private reference(pixels: Pixels, signal: AbortSignal): Promise<Float32Array> {
    if (this.last?.pixels !== pixels) this.last = { pixels, embedded: this.picture(pixels, signal) };
    return this.last.embedded;
  }

  private prompt(prompt: string, session: Session, signal: AbortSignal): Promise<Float32Array> {
    const known = this.texts.get(prompt);
    if (known !== undefined) return known;
    const embedded = this.encode(prompt, session, signal);
    this.texts.set(prompt, embedded);
    return embedded;
  }

  private async encode(prompt: string, session: Session, signal: AbortSignal): Promise<Float32Array> {
    const { width, positions } = this.part.text!;
    const words = this.tokenizer.encode(prompt).slice(0, positions - 2);
    const ids = [CLIP_IDS.start, ...words, ...new Array<number>(positions - 1 - words.length).fill(CLIP_IDS.end)];
    const endToken = new Float32Array(positions);
    endToken[words.length + 1] = 1;
    const embedded = await readRows(this.part.weights.get(TOKEN_TABLE)!, ids, signal);
    const feeds = { embedded: f32([1, positions, width], embedded), end_token: f32([1, 1, positions], endToken) };
    return (await session.run(feeds, { signal })).pooled!.data as Float32Array;
  }
}
