// A folder held in memory, for tests. Counts what is opened.
import type { Folder } from "./folder.js";
import type { FileSource } from "./source.js";

export function memoryFolder(files: Readonly<Record<string, string | FileSource>>): Folder & { opened: string[] } {
  const opened: string[] = [];
  return {
    name: "model",
    opened,
    list: async () => Object.keys(files),
    open: async (path) => {
      opened.push(path);
      const file = files[path] as string | FileSource;
      return typeof file === "string" ? { name: path.slice(path.lastIndexOf("/") + 1), blob: new Blob([file]) } : file;
    },
  };
}
