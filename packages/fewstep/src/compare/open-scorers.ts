// The networks that score a comparison: the CLIP that the user names, and the judge where the embedded model is among the models.
import { ClipScorer, clipPart, openSafetensors, type PictureScorer } from "@fewstep/core";
import { childRuntime, FileHasher, openFile } from "@fewstep/core/node";
import type { EmbeddedModel } from "./embedded-model.js";

export interface ScorerFiles {
  /** A CLIP checkpoint with a picture encoder. */
  readonly clip?: string;
  readonly embedded?: EmbeddedModel;
  /** Hashes of the models compared. */
  readonly models: ReadonlySet<string>;
  readonly threads?: number;
  readonly signal: AbortSignal;
}

/** @throws FewstepError `file-not-found`, `clip-vision-missing` and the codes of openSafetensors */
export async function openScorers(files: ScorerFiles): Promise<readonly PictureScorer[]> {
  const hasher = new FileHasher();
  try {
    return [...(await judgeOf(files, hasher)), ...(await clipOf(files, hasher))];
  } finally {
    hasher.dispose();
  }
}

/** Only headers are read: a wrong file is said before anything is rendered. @throws FewstepError as openScorers */
export async function checkClip(clip: string, signal: AbortSignal): Promise<void> {
  const source = await openFile(clip);
  clipPart(source.name, (await openSafetensors(source, signal)).weights);
}

async function judgeOf(
  { embedded, models, threads, signal }: ScorerFiles,
  hasher: FileHasher,
): Promise<readonly PictureScorer[]> {
  if (embedded?.judge === undefined) return [];
  const model = await hasher.hash(await openFile(embedded.model), "file", signal);
  if (!models.has(model)) return [];
  const id = await hasher.hash(await openFile(embedded.judge), "file", signal);
  const { judgeScorer } = await import("./judge-scorer.js");
  return [await judgeScorer(embedded.judge, id, threads)];
}

async function clipOf({ clip, threads, signal }: ScorerFiles, hasher: FileHasher): Promise<readonly PictureScorer[]> {
  if (clip === undefined) return [];
  const source = await openFile(clip);
  const part = clipPart(source.name, (await openSafetensors(source, signal)).weights);
  const runtime = childRuntime(threads === undefined ? {} : { threads });
  try {
    const scorer = await ClipScorer.load(runtime, part, await hasher.hash(source, "file", signal), signal);
    return [
      {
        kind: scorer.kind,
        id: scorer.id,
        score: (picture, stop) => scorer.score(picture, stop),
        dispose: () => runtime.dispose(),
      },
    ];
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}
