// A training state as a safetensors file: every trained resident as one F32 tensor, the iteration and what it belongs to in the metadata.
// Randomness needs no state (streams are functions of seed and iteration), so resuming from it is exact.
import {
  FewstepError,
  type FileSource,
  layoutSafetensors,
  openSafetensors,
  readTensor,
  type TensorToWrite,
  writeSafetensors,
} from "@fewstep/core";

export type Shaping = Readonly<Record<string, unknown>>;

export interface Checkpoint {
  readonly recipe: string;
  readonly seed: number;
  /** Iterations done. */
  readonly iteration: number;
  /** What shaped the run, by name; undefined in states that say nothing of it. */
  readonly shaping?: Shaping;
  readonly residents: ReadonlyMap<string, Float32Array>;
}

export function checkpointBytes(checkpoint: Checkpoint, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const tensors = [...checkpoint.residents].map(
    ([name, values]): TensorToWrite => ({
      name,
      dtype: "f32",
      shape: [values.length],
      chunks: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
    }),
  );
  const { recipe, seed, iteration, shaping } = checkpoint;
  const metadata = {
    "fewstep.recipe": recipe,
    "fewstep.seed": `${seed}`,
    "fewstep.iteration": `${iteration}`,
    ...(shaping && { "fewstep.shaping": JSON.stringify(shaping) }),
  };
  return writeSafetensors(layoutSafetensors(tensors, metadata), signal);
}

/** Throws the reader's codes, and `not-a-checkpoint`. */
export async function readCheckpoint(source: FileSource, signal?: AbortSignal): Promise<Checkpoint> {
  const { weights, metadata } = await openSafetensors(source, signal);
  const [recipe, seed, iteration, said] = ["recipe", "seed", "iteration", "shaping"].map((key) =>
    metadata.get(`fewstep.${key}`),
  );
  const numbers = [Number(seed), Number(iteration)] as const;
  if (recipe === undefined || !numbers.every(Number.isSafeInteger)) {
    throw new FewstepError({
      code: "not-a-checkpoint",
      message: `${source.name} is no training state`,
      found: `metadata ${[...metadata.keys()].join(", ") || "without entries"}`,
      expected: "fewstep.recipe, fewstep.seed and fewstep.iteration",
      hint: "a training state is what training writes beside its log; a trained model cannot be resumed from",
    });
  }
  const residents = new Map<string, Float32Array>();
  for (const name of weights.names) residents.set(name, await readTensor(weights.get(name)!, signal));
  const shaping = shapingOf(said);
  return { recipe, seed: numbers[0], iteration: numbers[1], residents, ...(shaping && { shaping }) };
}

function shapingOf(text: string | undefined): Shaping | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" && value !== null ? (value as Shaping) : undefined;
  } catch {
    return undefined;
  }
}
