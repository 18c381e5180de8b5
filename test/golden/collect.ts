// Finds every golden in a folder and turns it into cases: entries of index.json whose files are there, and JSON sets by their folder.
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { GoldenBench, GoldenCase, GoldenCheck, GoldenEntry, GoldenTensors } from "./golden-case.js";
import { runText } from "./networks/text.js";
import { runUnet } from "./networks/unet.js";
import { runVae } from "./networks/vae.js";

type NetworkRunner = (entry: GoldenEntry, golden: GoldenTensors, bench: GoldenBench) => Promise<readonly GoldenCheck[]>;

/** By the start of an entry's call. */
const NETWORK_RUNNERS: readonly (readonly [RegExp, NetworkRunner])[] = [
  [/^unet\(/, runUnet],
  [/^text encoder/, runText],
  [/^(vae|taesd)\./, runVae],
];

async function filesBelow(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

function networkCase(file: string, entry: GoldenEntry, bench: GoldenBench): GoldenCase {
  const runner = NETWORK_RUNNERS.find(([call]) => call.test(entry.call))?.[1];
  if (runner === undefined)
    return { id: file, skip: `no runner for the call ${JSON.stringify(entry.call.slice(0, 60))}` };
  return { id: file, run: async () => runner(entry, await bench.tensors(file), bench) };
}

/** Every case of a folder, in a stable order. A file that no index entry or set names is a case that is skipped by name. */
export async function collect(dir: string, bench: GoldenBench): Promise<readonly GoldenCase[]> {
  const files = await filesBelow(dir);
  const cases: GoldenCase[] = [];
  for (const file of files.filter((name) => name.endsWith(".safetensors"))) {
    const entry = bench.entry(file);
    cases.push(
      entry === undefined ? { id: file, skip: "index.json does not list it" } : networkCase(file, entry, bench),
    );
  }
  return cases;
}

export async function readIndex(dir: string): Promise<ReadonlyMap<string, GoldenEntry>> {
  const text = await readFile(join(dir, "index.json"), "utf8").catch(() => '{"goldens":{}}');
  return new Map(Object.entries((JSON.parse(text) as { goldens: Record<string, GoldenEntry> }).goldens));
}
