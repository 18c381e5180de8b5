// From windows of token ids to what the UNet is conditioned on: states of the family's text encoders, side by side, and SDXL's pooled state.
import { FewstepError } from "../errors.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { Runtime } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Chunk } from "../text/chunk.js";
import { CLIP_IDS } from "../text/clip-tokenizer.js";
import type { Window } from "../text/prompt-plan.js";
import { mixStates, type Weighting, weightStates } from "../text/weighting.js";
import { TextNetwork, type TextNetworkOptions } from "./text-network.js";

/** What one prompt tells the UNet. */
export interface Conditioning {
  /** [tokens, width], windows one after the other. */
  readonly states: Float32Array;
  readonly tokens: number;
  /** SDXL: the second encoder's pooled and projected state of the first window. */
  readonly pooled?: Float32Array;
}

export interface TextEncodersOptions extends TextNetworkOptions {
  /** 1: as the family is meant; 2: one layer earlier ... */
  readonly clipSkip: number;
}

/** @param most where no layer is left, and the embedded tokens themselves are the states. @throws FewstepError `bad-clip-skip` */
function checkClipSkip(clipSkip: number, most: number): void {
  if (clipSkip <= most) return;
  throw new FewstepError({
    code: "bad-clip-skip",
    message: "the model has not so many text layers to skip",
    found: `clip skip ${clipSkip}`,
    expected: `1 to ${most} with this model; 1 is none, 2 the penultimate layer`,
  });
}

export class TextEncoders {
  private constructor(private readonly encoders: readonly TextNetwork[]) {}

  static async load(
    runtime: Runtime,
    { text, textSkip, family }: Checkpoint,
    { clipSkip, ...options }: TextEncodersOptions,
  ): Promise<TextEncoders> {
    const encoders: TextNetwork[] = [];
    for (const [index, part] of text.entries()) {
      checkClipSkip(clipSkip, part.config.layers + 2 - textSkip);
      const request = {
        skip: textSkip + clipSkip - 1,
        normed: family.text.normed,
        pooled: part.kind === "openclip" && family.id === "sdxl",
      };
      encoders.push(await TextNetwork.load(runtime, { index, part, request }, options));
    }
    return new TextEncoders(encoders);
  }

  get runSeconds(): number {
    return this.encoders.reduce((sum, encoder) => sum + encoder.runSeconds, 0);
  }

  get createSeconds(): number {
    return this.encoders.reduce((sum, encoder) => sum + encoder.createSeconds, 0);
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
        const encoded = await this.window(encoder, window, weighting);
        states.push(encoded.states);
        pooled ??= encoded.pooled;
      }
      parts.push({ width: encoder.width, states: joined(states) });
    }
    const tokens = parts[0]!.states.length / parts[0]!.width;
    return { states: sideBySide(parts, tokens), tokens, ...(pooled === undefined ? {} : { pooled }) };
  }

  async dispose(): Promise<void> {
    for (const encoder of this.encoders) await encoder.dispose();
  }

  /** The sum of a window's encodings, each weighted and times its share. */
  private async window(encoder: TextNetwork, window: Window, weighting: Weighting) {
    const mixed: { states: Float32Array; share: number }[] = [];
    let pooled: Float32Array | undefined;
    let empty: Float32Array | undefined;
    for (const encoding of window) {
      const { states, pooled: vector } = await encoder.run(encoding, encoding.masked);
      const neutral = encoding.weights.every((weight) => weight === 1);
      // compel hides tokens from the prompt, not from the empty prompt that its states are moved from
      if (!neutral && weighting === "interpolate") empty ??= dataOf((await encoder.run(emptied(encoding))).states!);
      mixed.push({
        states: weightStates(weighting, dataOf(states!), encoding.weights, () => empty!),
        share: encoding.share,
      });
      pooled ??= vector && dataOf(vector);
    }
    const [only] = mixed;
    return { states: mixed.length === 1 && only!.share === 1 ? only!.states : mixStates(mixed), pooled };
  }
}

const dataOf = ({ data }: Tensor): Float32Array => data as Float32Array;

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
