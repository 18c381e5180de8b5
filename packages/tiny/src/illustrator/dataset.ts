// The training stream: pictures drawn on the fly, never stored, the same ones for the same seed. Node only (render.ts).
import { FewstepError } from "@fewstep/core";
import { type CaptionOptions, captionOf } from "./caption.js";
import { mixSeed } from "./random.js";
import { randomScene } from "./random-scene.js";
import { renderPng, renderScene } from "./render.js";
import type { Scene } from "./scene.js";

export interface Sample {
  /** RGB bytes, `size * size * 3`, rows from the top. */
  readonly pixels: Uint8Array;
  readonly caption: string;
  readonly scene: Scene;
}

export interface DatasetOptions extends CaptionOptions {
  /** Side in pixels; 128 by default. */
  readonly size?: number;
}

/** Scene and caption of picture `index` of the stream `seed`: what `drawDataset` draws, without drawing it. */
export function sampleOf(seed: number, index: number, options: CaptionOptions = {}): Omit<Sample, "pixels"> {
  const own = mixSeed(seed, index);
  const scene = randomScene(own);
  return { scene, caption: captionOf(scene, mixSeed(own, 1), options) };
}

function checkWhole(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return;
  throw new FewstepError({
    code: "bad-dataset-number",
    message: `the ${name} of a data set cannot be this`,
    found: String(value),
    expected: "a whole number from 0 to 4294967295",
  });
}

/**
 * `count` training pictures of the stream `seed`, drawn one by one as they are asked for, without held-out combinations.
 * Throws FewstepError bad-dataset-number or bad-picture-size at the first picture.
 */
export function* drawDataset(count: number, seed: number, options: DatasetOptions = {}): Generator<Sample, void> {
  checkWhole("count", count);
  checkWhole("seed", seed);
  for (let index = 0; index < count; index++) {
    const { scene, caption } = sampleOf(seed, index, options);
    yield { pixels: renderScene(scene, options.size), caption, scene };
  }
}

export interface DatasetFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The same pictures as the files of a kohya-style folder, `00000.png` beside `00000.txt`; writing them is the caller's.
 * Throws as `drawDataset` does.
 */
export function* datasetFiles(count: number, seed: number, options: DatasetOptions = {}): Generator<DatasetFile, void> {
  checkWhole("count", count);
  checkWhole("seed", seed);
  const digits = Math.max(5, String(count - 1).length);
  for (let index = 0; index < count; index++) {
    const { scene, caption } = sampleOf(seed, index, options);
    const stem = String(index).padStart(digits, "0");
    yield { name: `${stem}.png`, bytes: renderPng(scene, options.size) };
    yield { name: `${stem}.txt`, bytes: new TextEncoder().encode(`${caption}\n`) };
  }
}
