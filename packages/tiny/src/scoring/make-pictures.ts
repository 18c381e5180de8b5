// The pictures that are scored, made by the library as any user's are: checkpoint, LoRA, prompt, seed.
import type { Pixels } from "@fewstep/core";
import { createPipeline } from "@fewstep/core/node";
import type { EvaluationPrompt, PromptList } from "../illustrator/prompts.js";
import type { ScoredMethod } from "./scored-methods.js";

export interface MadePicture {
  readonly prompt: number;
  readonly seed: number;
  readonly pixels: Pixels;
  readonly seconds: number;
}

export interface MakeOptions {
  readonly model: string;
  readonly lora: string | undefined;
  readonly method: ScoredMethod;
  readonly prompts: readonly EvaluationPrompt[];
  /** Pictures of a prompt. */
  readonly draws: number;
  /** Seed of the first prompt's first picture. */
  readonly firstSeed: number;
  readonly size: number;
  readonly threads?: number;
}

/** A list's first seed, of noise and of drawings. */
export const FIRST_SEEDS: Readonly<Record<PromptList, number>> = { validation: 0, test: 1_000_000 };

const MAX_PROMPTS = 1000;

/** No two pictures of a method from the same noise, which would make them alike and seem further from drawings; all methods from the same. */
export function seedOf(firstSeed: number, prompt: number, draw: number): number {
  if (prompt >= MAX_PROMPTS)
    throw new RangeError(`prompt ${prompt} would have another one's noise: at most ${MAX_PROMPTS}`);
  return firstSeed + MAX_PROMPTS * draw + prompt;
}

export async function* makePictures(options: MakeOptions): AsyncGenerator<MadePicture, void, undefined> {
  const { model, lora, method, prompts, draws, firstSeed, size: side, threads } = options;
  const pipeline = await createPipeline({
    model,
    ...(lora === undefined ? {} : { loras: [{ path: lora }] }),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    for (const [prompt, { text }] of prompts.entries()) {
      for (let draw = 0; draw < draws; draw++) {
        const seed = seedOf(firstSeed, prompt, draw);
        const start = performance.now();
        const request = { prompt: text, width: side, height: side, seeds: [seed], ...method.request };
        for await (const event of pipeline.generate(request))
          if (event.kind === "picture")
            yield { prompt, seed, pixels: event.result.pixels, seconds: (performance.now() - start) / 1000 };
      }
    }
  } finally {
    await pipeline.dispose();
  }
}
