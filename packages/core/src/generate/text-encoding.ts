// From windows of token ids to what the UNet is conditioned on: states of the family's text encoders, side by side, and SDXL's pooled state.
import { FewstepError } from "../errors.js";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { TextPart } from "../families/parts.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { clipText } from "../models/clip-text.js";
import type { Runtime } from "../session/session.js";
import type { Chunk } from "../text/chunk.js";
import { CLIP_IDS } from "../text/clip-tokenizer.js";
import type { Window } from "../text/prompt-plan.js";
import { mixStates, type Weighting, weightStates } from "../text/weighting.js";
import { readRows } from "../weights/read-rows.js";
import { type AdaptedSession, loadAdapted } from "./adapted-network.js";

/** What one prompt tells the UNet. */
export interface Conditioning {
  /** [tokens, width], windows one after the other. */
  readonly states: Float32Array;
  readonly tokens: number;
  /** SDXL: the second encoder's pooled and projected state of the first window. */
  readonly pooled?: Float32Array;
}

/** Vectors of textual inversions by name: one list for each encoder, a vector for each placeholder. */
export type EmbeddingVectors = ReadonlyMap<string, readonly (readonly Float32Array[])[]>;

export interface TextEncodersOptions {
  /** 1: as the family is meant; 2: one layer earlier ... */
  readonly clipSkip: number;
  readonly adapters: readonly ActiveAdapter[];
  readonly casts: CastPolicy;
  readonly embeddings?: EmbeddingVectors;
  readonly signal?: AbortSignal;
}

interface Encoder {
  readonly part: TextPart;
  readonly loaded: AdaptedSession;
}

const WINDOW = 77;
const f32 = (shape: readonly number[], data: Float32Array) => ({ dtype: "f32" as const, shape, data });

export class TextEncoders {
  private constructor(
    private readonly encoders: readonly Encoder[],
    private readonly options: TextEncodersOptions,
  ) {}

  static async load(runtime: Runtime, checkpoint: Checkpoint, options: TextEncodersOptions): Promise<TextEncoders> {
    const { family, textSkip } = checkpoint;
    const encoders: Encoder[] = [];
    for (const [index, part] of checkpoint.text.entries()) {
      const graph = clipText(part.config, {
        batch: 1,
        tokens: WINDOW,
        skip: textSkip + options.clipSkip - 1,
        normed: family.text.normed,
        pooled: part.kind === "openclip" && family.id === "sdxl",
      });
      const { adapters, casts, signal } = options;
      const source = {
        network: index === 0 ? "text0" : "text1",
        graph,
        weights: part.weights,
        adapters,
        casts,
      } as const;
      encoders.push({ part, loaded: await loadAdapted(runtime, source, signal) });
    }
    return new TextEncoders(encoders, options);
  }

  get runSeconds(): number {
    return this.encoders.reduce((sum, { loaded }) => sum + loaded.session.runSeconds, 0);
  }

  get createSeconds(): number {
    return this.encoders.reduce((sum, { loaded }) => sum + loaded.session.createSeconds, 0);
  }

  /**
   * Encodes one prompt.
   * @param windows for each encoder its windows
   * @param count windows wanted; missing ones are empty
   */
  async encode(windows: readonly (readonly Window[])[], weighting: Weighting, count: number): Promise<Conditioning> {
    const parts = [];
    let pooled: Float32Array | undefined;
    for (const [index, encoder] of this.encoders.entries()) {
      const given = windows[index]!;
      const empty: Window = [{ ...emptied(given[0]![0]!), share: 1, masked: [] }];
      const wanted = [...given, ...Array.from({ length: count - given.length }, () => empty)];
      const states: Float32Array[] = [];
      for (const window of wanted) {
        const encoded = await this.window(index, encoder, window, weighting);
        states.push(encoded.states);
        pooled ??= encoded.pooled;
      }
      parts.push({ width: encoder.part.config.width, states: joined(states) });
    }
    const tokens = parts[0]!.states.length / parts[0]!.width;
    return { states: sideBySide(parts, tokens), tokens, ...(pooled === undefined ? {} : { pooled }) };
  }

  async dispose(): Promise<void> {
    for (const { loaded } of this.encoders) await loaded.session.dispose();
  }

  /** The sum of a window's encodings, each weighted and times its share. */
  private async window(index: number, encoder: Encoder, window: Window, weighting: Weighting) {
    const mixed: { states: Float32Array; share: number }[] = [];
    let pooled: Float32Array | undefined;
    for (const encoding of window) {
      if (encoding.masked.length > 0) {
        throw new FewstepError({
          code: "prompt-mask-unsupported",
          message: "weights below 1 of the compel grammar mask tokens, which the text encoder cannot do yet",
          hint: "use weights of 1 and more, or the grammar a1111 or comfyui",
        });
      }
      const outputs = await this.run(index, encoder, encoding);
      const neutral = encoding.weights.every((weight) => weight === 1);
      const empty =
        neutral || weighting !== "interpolate" ? undefined : await this.run(index, encoder, emptied(encoding));
      const states = outputs.states!.data as Float32Array;
      mixed.push({
        states: weightStates(weighting, states, encoding.weights, () => empty!.states!.data as Float32Array),
        share: encoding.share,
      });
      pooled ??= outputs.pooled?.data as Float32Array | undefined;
    }
    const [only] = mixed;
    return { states: mixed.length === 1 && only!.share === 1 ? only!.states : mixStates(mixed), pooled };
  }

  private async run(index: number, { part, loaded }: Encoder, window: Chunk) {
    const table = part.weights.get("text_model.embeddings.token_embedding.weight")!;
    const { width } = part.config;
    const embedded = await readRows(table, window.ids, this.options.signal);
    for (const { at, name, vector } of window.vectors) {
      embedded.set(this.options.embeddings!.get(name)![index]![vector]!, at * width);
    }
    const endToken = new Float32Array(WINDOW);
    endToken[window.ids.indexOf(CLIP_IDS.end)] = 1;
    const feeds = { embedded: f32([1, WINDOW, width], embedded), end_token: f32([1, 1, WINDOW], endToken) };
    return loaded.run(feeds, this.options.signal);
  }
}

/** The window of the empty prompt, padded as `window` is. */
function emptied(window: Chunk): Chunk {
  const pad = window.ids.at(-1)!;
  const ids = [CLIP_IDS.start, CLIP_IDS.end, ...new Array<number>(window.ids.length - 2).fill(pad)];
  return { ids, weights: ids.map(() => 1), used: 0, vectors: [] };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sideBySide(
  parts: readonly { readonly width: number; readonly states: Float32Array }[],
  tokens: number,
): Float32Array {
  if (parts.length === 1) return parts[0]!.states;
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const whole = new Float32Array(tokens * width);
  let column = 0;
  for (const part of parts) {
    for (let row = 0; row < tokens; row++) {
      whole.set(part.states.subarray(row * part.width, (row + 1) * part.width), row * width + column);
    }
    column += part.width;
  }
  return whole;
}
