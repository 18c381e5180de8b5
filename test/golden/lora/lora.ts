// lora/: adapters of every format on the tiny models, each output computed twice: with the adapter as branches of the graph and folded into
// the weights. Also merged weights, outputs an adapter must leave alone, two spellings of one adapter, and adapters stacked.
import { fitAdapter, openSafetensors, type Parts, parseAdapter } from "@fewstep/core";
import type { GoldenBench, GoldenCase, GoldenCheck, GoldenEntry, GoldenTensors } from "../golden-case.js";
import { checkTensor } from "../golden-case.js";
import { partsOfModel } from "../networks/loaded.js";
import { asLycorisMerges } from "./lycoris-merge.js";
import { checkMerged } from "./merged.js";
import { type Fitted, networkOf, runAdapted, type Way } from "./run-adapted.js";

const WAYS: readonly Way[] = ["branches", "folded"];

/** Goldens whose reference is LyCORIS' merge; the index says so. */
const LYCORIS_MERGE = /^lycoris get_merged_weight/;

/** The adapter of a golden, as one or (for LyCORIS' merges) several that together do what its reference did. */
async function fitted(bench: GoldenBench, parts: Parts, name: string): Promise<readonly Fitted[]> {
  const file = await openSafetensors(await bench.model(name));
  const plain: Fitted = {
    id: name,
    fit: fitAdapter(await parseAdapter(name, file), parts),
    strength: (m) => m,
    note: "",
  };
  const merged = LYCORIS_MERGE.test(bench.entry(`lora/${name}.safetensors`)?.reference ?? "");
  return merged ? asLycorisMerges(plain) : [plain];
}

/** Every key of the goldens' adapters belongs somewhere. */
const accounted = ({ id, fit }: Fitted): GoldenCheck => ({
  name: `keys of ${id} without a place`,
  difference: fit.unclaimed.length + fit.misfit.length,
  bound: 0,
});

interface LoraParameters {
  readonly inputs: string;
  readonly strengths: readonly number[];
  readonly adapters: readonly (readonly [name: string, strength: number])[];
  readonly unchanged?: readonly string[];
  readonly same_as?: string;
}

interface Reference {
  readonly tensors: GoldenTensors;
  readonly entry: GoldenEntry;
  readonly label: string;
}

async function reference(bench: GoldenBench, file: string, label: string): Promise<Reference> {
  const entry = bench.entry(file);
  if (entry === undefined) throw new RangeError(`index.json does not list ${file}`);
  return { tensors: await bench.tensors(file), entry, label };
}

async function runBare(file: string, bench: GoldenBench): Promise<readonly GoldenCheck[]> {
  const { tensors, entry } = await reference(bench, file, "");
  const parts = await partsOfModel(bench, entry.model as string);
  const checks: GoldenCheck[] = [];
  for (const name of Object.keys(entry.outputs)) {
    const [actual] = await runAdapted(bench, parts, networkOf(name), tensors, [], [[]], "branches");
    checks.push(checkTensor(name, actual!, tensors, entry));
  }
  return checks;
}

async function runOne(file: string, bench: GoldenBench): Promise<readonly GoldenCheck[]> {
  const own = await reference(bench, file, "");
  const parameters = own.entry.parameters as unknown as LoraParameters;
  const inputs = await reference(bench, parameters.inputs, " unchanged");
  const twin = parameters.same_as && (await reference(bench, `lora/${parameters.same_as}.safetensors`, " as its twin"));
  const parts = await partsOfModel(bench, own.entry.model as string);
  const adapters = await fitted(bench, parts, file.replace(/^lora\/(.*)\.safetensors$/, "$1"));
  const { strengths } = parameters;
  const checks = [...(await checkMerged(bench, parts, adapters, own.tensors)), accounted(adapters[0]!)];
  for (const output of Object.keys(inputs.entry.outputs)) {
    const unchanged = parameters.unchanged?.includes(output) ?? false;
    for (const way of WAYS) {
      const each = strengths.map((strength) => adapters.map(() => strength));
      const results = await runAdapted(bench, parts, networkOf(output), inputs.tensors, adapters, each, way);
      results.forEach((actual, i) => {
        const stored = `${output}.s${strengths[i]}`;
        for (const against of unchanged ? [inputs] : twin ? [own, twin] : [own]) {
          const check = checkTensor(unchanged ? output : stored, actual, against.tensors, against.entry);
          checks.push({ ...check, name: `${stored}${against.label}, ${way}${adapters[0]!.note}` });
        }
      });
    }
  }
  return checks;
}

async function runStack(file: string, bench: GoldenBench): Promise<readonly GoldenCheck[]> {
  const { tensors, entry } = await reference(bench, file, "");
  const { inputs, adapters } = entry.parameters as unknown as LoraParameters;
  const feeds = await bench.tensors(inputs);
  const parts = await partsOfModel(bench, entry.model as string);
  const stack = await Promise.all(adapters.map(([name]) => fitted(bench, parts, name)));
  const strengths = [stack.flatMap((ones, i) => ones.map(() => adapters[i]![1]))];
  const checks = stack.map(([first]) => accounted(first!));
  const note = stack.flat().find((one) => one.note !== "")?.note ?? "";
  for (const name of Object.keys(entry.outputs)) {
    for (const way of WAYS) {
      const [actual] = await runAdapted(bench, parts, networkOf(name), feeds, stack.flat(), strengths, way);
      checks.unshift({ ...checkTensor(name, actual!, tensors, entry), name: `${name}, ${way}${note}` });
    }
  }
  return checks;
}

const RUNNERS: readonly (readonly [
  call: RegExp,
  run: (file: string, bench: GoldenBench) => Promise<readonly GoldenCheck[]>,
])[] = [
  [/^no adapter/, runBare],
  [/^adapter at strength/, runOne],
  [/^adapters stacked/, runStack],
];

/** The case of one file of lora/, by the call that index.json says it holds. */
export function loraCase(file: string, entry: GoldenEntry, bench: GoldenBench): GoldenCase {
  const run = RUNNERS.find(([call]) => call.test(entry.call))?.[1];
  if (run === undefined) return { id: file, skip: `no runner for the call ${JSON.stringify(entry.call)}` };
  return { id: file, run: () => run(file, bench) };
}
