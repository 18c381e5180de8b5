// A folder of wildcards as A1111's sd-dynamic-prompts keeps it: a text file each, `__style/ink__` is a line of style/ink.txt. Blank lines
// and those behind a # count as none.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import { showName } from "../files/show-name.js";

/** Collections have some thousand files of a few kilobytes; refuses a disk's root given as a folder. */
const MAX_FILES = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 8;
const ENDING = ".txt";

/** Name -> lines. @throws FewstepError `wildcards-unreadable`, `interrupted` */
export async function readWildcards(
  folder: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wildcards = new Map<string, readonly string[]>();
  let bytes = 0;
  const walk = async (path: string, prefix: string, depth: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw unreadable(prefix === "" ? folder : prefix, error.code ?? error.message, "a folder of .txt files");
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (signal?.aborted) throw interrupted();
      const inner = join(path, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(inner).catch(() => undefined) : entry;
      if (kind?.isDirectory() && depth < MAX_DEPTH) await walk(inner, `${prefix}${entry.name}/`, depth + 1);
      if (!kind?.isFile() || !entry.name.toLowerCase().endsWith(ENDING)) continue;
      bytes += (await stat(inner)).size;
      if (bytes > MAX_BYTES || wildcards.size >= MAX_FILES) {
        throw unreadable(folder, "too much in it", `at most ${MAX_FILES} files and ${MAX_BYTES} bytes of text`);
      }
      wildcards.set(prefix + entry.name.slice(0, -ENDING.length), linesOf(prefix + entry.name, await readFile(inner)));
    }
  };
  await walk(folder, "", 1);
  return wildcards;
}

function linesOf(name: string, bytes: Uint8Array): readonly string[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch {
    throw unreadable(name, "bytes that are not UTF-8", "a text file in UTF-8, one choice a line");
  }
}

function unreadable(name: string, found: string, expected: string): FewstepError {
  return new FewstepError({
    code: "wildcards-unreadable",
    message: "the wildcards cannot be read",
    found: `${showName(name)}: ${found}`,
    expected,
  });
}
