// Reads a golden .json file from disk; where only its packed form is there (NAME.json.gz), that.
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

export const PACKED = ".gz";

const unpacked = async (path: string): Promise<string> =>
  (await promisify(gunzip)(await readFile(`${path}${PACKED}`))).toString("utf8");

export async function readGoldenJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return unpacked(path);
    throw error;
  });
  return JSON.parse(text);
}
