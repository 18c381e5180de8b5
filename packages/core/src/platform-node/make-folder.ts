// A folder with all that leads to it. Node's own `recursive` never ends where a part can be neither found nor made, as under /proc.
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Resolves at once where it is there. Rejects with the system's error, which names the part that could not be made. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdirOnce(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    await makeFolder(parent);
    await mkdirOnce(path);
  }
}

async function mkdirOnce(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code === "EEXIST" && (await stat(path)).isDirectory();
    if (!there) throw error;
  }
}
