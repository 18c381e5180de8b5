// Whether a file can be written where --out says, asked before any work: its folder, its name, and what is there already.
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { FewstepError } from "@fewstep/core";
import { exists, outputExists } from "@fewstep/core/node";

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** @throws FewstepError `bad-output` */
export async function checkOutputFolder(folder: string): Promise<void> {
  if (!(await isFolder(folder))) throw badOutput(folder, "a folder that exists", "make the folder first");
  await access(folder, constants.W_OK).catch(() => {
    throw badOutput(folder, "a folder that may be written to");
  });
}

/** @throws FewstepError `output-exists`, `bad-output` */
export async function checkOutputPath(path: string, force: boolean): Promise<void> {
  const taken = await exists(path).catch((error: NodeJS.ErrnoException) => {
    throw badOutput(path, "a name that the file system takes", `the system says ${error.code ?? error.message}`);
  });
  if (taken && !force) throw outputExists(path);
  if (taken && (await isFolder(path))) throw badOutput(path, "a file, not a folder");
}

export function badOutput(found: string, expected: string, hint?: string): FewstepError {
  return new FewstepError({
    code: "bad-output",
    message: "the output cannot be written there",
    found: JSON.stringify(found.slice(0, 160)),
    expected,
    ...(hint === undefined ? {} : { hint }),
  });
}
