// Finds every golden in a folder and turns it into cases: entries of index.json whose files are there, and JSON sets by their folder.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { GoldenBench, GoldenCase, GoldenCheck, GoldenEntry, GoldenTensors } from "./golden-case.js";
import { gradCase } from "./grad/grad.js";
import { loraCase } from "./lora/lora.js";
import { cases as metadata } from "./metadata/metadata.js";
import { runText } from "./networks/text.js";
import { runUnet } from "./networks/unet.js";
import { runVae } from "./networks/vae.js";
import { cases as noise } from "./noise/noise.js";
import { pipelineCase } from "./pipelines/pipeline.js";
import { cases as attention } from "./prompt/attention.js";
import { cases as chunks } from "./prompt/chunks.js";
import { cases as compel } from "./prompt/compel.js";
import { cases as composition } from "./prompt/composition.js";
import { cases as promptNetworks } from "./prompt/networks.js";
import { cases as promptSchedules } from "./prompt/schedules.js";
import { cases as weighting } from "./prompt/weighting.js";
import { PACKED } from "./read-golden-json.js";
import { cases as sampling } from "./sampling/sampling.js";
import { paddedCases, cases as tokens } from "./text/tokens.js";

type NetworkRunner = (entry: GoldenEntry, golden: GoldenTensors, bench: GoldenBench) => Promise<readonly GoldenCheck[]>;

const whole =
  (run: NetworkRunner) =>
  (file: string, entry: GoldenEntry, bench: GoldenBench): GoldenCase => ({
    id: file,
    run: async () => run(entry, await bench.tensors(file), bench),
  });

/** Entries of index.json, by the start of their call. */
const CALLS: readonly (readonly [RegExp, (file: string, entry: GoldenEntry, bench: GoldenBench) => GoldenCase])[] = [
  [/^unet\(/, whole(runUnet)],
  [/^text encoder/, whole(runText)],
  [/^(vae|taesd)\./, whole(runVae)],
  [/^(mean\(\(unet\(|the same loss with the adapter|as sd15-tiny-lora|two AdamW steps)/, gradCase],
  [/^pipe\(/, pipelineCase],
  [/^(no adapter|adapters? )/, loraCase],
];

type JsonCases = (json: unknown, name: string, read: (name: string) => Promise<Uint8Array>) => Iterable<GoldenCase>;

/** JSON files, by folder and name. Files that no row knows are skipped by name. */
const SETS: readonly (readonly [RegExp, JsonCases])[] = [
  [/^sampling\//, sampling],
  [/^noise\//, noise],
  [/^metadata\//, metadata],
  [/^text\/tokens/, tokens],
  [/^prompt\/attention/, attention],
  [/^prompt\/chunks/, chunks],
  [/^prompt\/compel/, compel],
  [/^prompt\/composition/, composition],
  [/^prompt\/networks/, promptNetworks],
  [/^prompt\/schedules/, promptSchedules],
  [/^prompt\/weighting/, weighting],
];

/** What makes models and names files, and holds no case. */
const MATERIAL = /^(index\.json|specs\/|folders\/)/;

export async function goldenFiles(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .map((file) => (file.endsWith(`.json${PACKED}`) ? file.slice(0, -PACKED.length) : file))
    .filter((file) => !MATERIAL.test(file))
    .sort();
}

/** The cases of one .safetensors file. */
export async function tensorCases(file: string, bench: GoldenBench): Promise<readonly GoldenCase[]> {
  if (file === "text/tokens.safetensors")
    return [...paddedCases(await bench.tensors(file), await bench.json("text/tokens.json"), file)];
  return [tensorCase(file, bench)];
}

function tensorCase(file: string, bench: GoldenBench): GoldenCase {
  const entry = bench.entry(file);
  if (entry === undefined) return { id: file, skip: "index.json does not list it" };
  const found = CALLS.find(([call]) => call.test(entry.call))?.[1];
  return (
    found?.(file, entry, bench) ?? {
      id: file,
      skip: `no runner for the call ${JSON.stringify(entry.call.slice(0, 60))}`,
    }
  );
}

/** The cases of one JSON set, made one after the other as they are asked for. */
export async function* jsonCases(file: string, bench: GoldenBench): AsyncIterable<GoldenCase> {
  const set = SETS.find(([name]) => name.test(file))?.[1];
  if (set === undefined) yield { id: file, skip: "not a set of goldens that is known" };
  else {
    const read = async (name: string) => new Uint8Array(await readFile(bench.path(join(dirname(file), name))));
    yield* set(await bench.json(file), file.replace(/^metadata\//, ""), read);
  }
}

/** Every case of a folder, in a stable order. */
export async function collect(dir: string, bench: GoldenBench): Promise<readonly GoldenCase[]> {
  const files = await goldenFiles(dir);
  const cases: GoldenCase[] = [];
  for (const file of files) {
    if (file.endsWith(".safetensors")) cases.push(...(await tensorCases(file, bench)));
    else if (file.endsWith(".json")) for await (const one of jsonCases(file, bench)) cases.push(one);
  }
  return cases;
}

export async function readIndex(dir: string): Promise<ReadonlyMap<string, GoldenEntry>> {
  const text = await readFile(join(dir, "index.json"), "utf8").catch(() => '{"goldens":{}}');
  return new Map(Object.entries((JSON.parse(text) as { goldens: Record<string, GoldenEntry> }).goldens));
}
