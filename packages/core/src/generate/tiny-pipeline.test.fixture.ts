// A pipeline on the smallest checkpoint of test/golden/data/specs, made once into the repository's cache.
import { testCheckpoint } from "../../../../scripts/test-checkpoint.mjs";
import { type Checkpoint, openCheckpoint } from "../families/checkpoint.js";
import { openFile } from "../files/open-file.js";
import type { GenerateEvent, Picture } from "./generate-event.js";
import type { Pipeline } from "./pipeline.js";

export { testCheckpoint as tinyFile };

export async function tinyCheckpoint(spec = "sd15-tiny"): Promise<Checkpoint> {
  return openCheckpoint(await openFile(testCheckpoint(spec)));
}

export interface Made {
  readonly pictures: readonly Picture[];
  readonly steps: readonly Extract<GenerateEvent, { kind: "step" }>[];
}

/** Everything that a run makes. */
export async function made(run: ReturnType<Pipeline["generate"]>): Promise<Made> {
  const pictures: Picture[] = [];
  const steps: Extract<GenerateEvent, { kind: "step" }>[] = [];
  for await (const event of run) {
    if (event.kind === "picture") pictures.push(event.result);
    if (event.kind === "step") steps.push(event);
  }
  return { pictures, steps };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
