// A .safetensors file as a result: its name checked before any work, room on the disk before the first byte, written all or nothing with
// the progress shown.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { FewstepError, layoutSafetensors, type TensorToWrite, writeSafetensors } from "@fewstep/core";
import { writeFileAtomically } from "@fewstep/core/node";
import { checkOutputFolder, checkOutputPath } from "./check-output-path.js";
import type { CountProgress } from "./count-progress.js";

export interface WeightsOutput {
  readonly out: string;
  readonly force: boolean;
}

/** @throws FewstepError `not-safetensors-name` */
export function checkSafetensorsName(out: string): void {
  if (/\.safetensors$/i.test(out)) return;
  throw new FewstepError({
    code: "not-safetensors-name",
    message: "--out names no .safetensors file",
    found: JSON.stringify(out.slice(0, 160)),
    hint: `use --out ${out.slice(0, 160)}.safetensors`,
  });
}

/** @throws FewstepError `not-safetensors-name`, `output-exists`, `bad-output` */
export async function checkWeightsOutput({ out, force }: WeightsOutput): Promise<void> {
  checkSafetensorsName(out);
  await checkOutputFolder(dirname(out));
  await checkOutputPath(out, force);
}

/** Answers the bytes written. @throws FewstepError `disk-full` before anything is written, and the codes of writeFileAtomically */
export async function writeWeights(
  { out, force }: WeightsOutput,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
  progress: CountProgress,
  signal: AbortSignal,
): Promise<number> {
  const layout = layoutSafetensors(tensors, metadata);
  await checkRoom(out, layout.fileBytes);
  let written = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of writeSafetensors(layout, signal)) {
      yield chunk;
      written += chunk.length;
      progress.at(written, layout.fileBytes);
    }
  }
  await writeFileAtomically(out, counted(), { replace: force, signal });
  return layout.fileBytes;
}

async function checkRoom(out: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(out));
  if (bavail * bsize >= bytes) return;
  throw new FewstepError({
    code: "disk-full",
    kind: "failed",
    message: "the file does not fit on the disk",
    found: `${bavail * bsize} bytes free in ${dirname(out)}`,
    expected: `${bytes} bytes`,
    hint: "free space, or write to another disk",
  });
}
