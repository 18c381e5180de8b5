// Adapter file -> Adapter: every key gets a module and a role, every module is read by the formats whose roles it has, every key is
// accounted for. Of the tensors only single numbers and the blocks of OFT are read; which network a module belongs to is
// families/adapter-fit.ts.
import { FewstepError } from "../../errors.js";
import { showName } from "../../files/show-name.js";
import { entriesOf } from "../views.js";
import type { LazyTensor, Weights } from "../weights.js";
import type { Adapter, AdapterTarget, MultiplyingDelta, ProductDelta } from "./adapter.js";
import { metadataAlpha, readAlpha, readOnInput } from "./alpha.js";
import { diffTargets } from "./diff.js";
import { withMagnitude } from "./dora.js";
import { gloraDelta } from "./glora.js";
import { ia3Delta } from "./ia3.js";
import { adapterKey, foreignFormat, type Role } from "./keys.js";
import { lohaDelta } from "./loha.js";
import { lokrDelta } from "./lokr.js";
import { loraDelta } from "./lora.js";
import type { ModuleTensors } from "./module-tensors.js";
import { rotationDelta } from "./rotation.js";
import { longestSkew } from "./skew-norm.js";

/** The formats of one delta a weight: which roles show that a module is of one, and how it is read. */
const FORMATS: readonly (readonly [marks: RegExp, read: (module: ModuleTensors) => ProductDelta | MultiplyingDelta])[] =
  [
    [/^(down|up|mid)$/, loraDelta],
    [/^hada_/, lohaDelta],
    [/^lokr_/, lokrDelta],
    [/^(oft_(blocks|diag)|rescale)$/, rotationDelta],
    [/^([ab][12]|bm)$/, gloraDelta],
    [/^(on_input|weight)$/, ia3Delta],
  ];
const DIFFERENCE = /^(diff|diff_b|w_norm|b_norm|set_weight)$/;

export interface AdapterFile {
  readonly weights: Weights;
  /** `__metadata__` of the file. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Parses an opened adapter file of any format. Throws `not-an-adapter`, `adapter-format` (PEFT's OFT, BOFT, IA3), `adapter-incomplete`,
 * `adapter-rank`, `adapter-shape`, `adapter-alpha`, `adapter-on-input`, `adapter-metadata`, `adapter-duplicate`, and what reading throws.
 */
export async function parseAdapter(name: string, file: AdapterFile, signal?: AbortSignal): Promise<Adapter> {
  const { modules, unclaimed } = groupByModule(file.weights);
  checkFormats(name, file.weights, modules.size);
  const fromMetadata = metadataAlpha(file.metadata);
  const targets: AdapterTarget[] = [];
  const without: string[] = [];
  const zero: string[] = [];
  for (const [module, tensors] of modules) {
    const stored = tensors.get("alpha");
    const alpha = stored && (await readAlpha(stored, signal));
    const blocks = tensors.get("oft_blocks");
    const flag = tensors.get("on_input");
    const read = readModule({
      module,
      tensors,
      alpha(rank) {
        const found = alpha ?? fromMetadata(module, rank);
        if (found === undefined) without.push(module);
        if (found === 0) zero.push(module);
        return found;
      },
      storedAlpha: alpha,
      longestSkew: blocks && (await longestSkew(blocks, signal)),
      onInput: flag && (await readOnInput(flag, signal)),
    });
    targets.push(...read);
    const used = new Set(read.flatMap(({ keys }) => keys));
    for (const tensor of tensors.values()) if (!used.has(tensor.name)) unclaimed.push(tensor.name);
  }
  if (targets.length === 0) throw notAnAdapter(name, [...file.weights.names]);
  const notes = [
    ...(without.length === 0 ? [] : [`${counted(without)} no alpha: alpha is taken to be the rank`]),
    ...(zero.length === 0 ? [] : [`${counted(zero)} an alpha of 0: no effect`]),
    ...multiplyingNotes(targets),
  ];
  return { name, targets, unclaimed, notes };
}

function multiplyingNotes(targets: readonly AdapterTarget[]): readonly string[] {
  const modulesOf = (kinds: readonly string[]) =>
    targets.flatMap(({ module, delta }) => (kinds.includes(delta.kind) ? [module] : []));
  const [turned, scaled] = [modulesOf(["rotation"]), modulesOf(["glora", "ia3"])];
  const folded = "folded into the weights before a run";
  return [
    ...(turned.length === 0
      ? []
      : [`${counted(turned)} rotations (OFT): ${folded}; strength counts twice, as in ComfyUI`]),
    ...(scaled.length === 0 ? [] : [`${counted(scaled)} products with the weight (GLoRA, IA3): ${folded}`]),
  ];
}

const counted = (modules: readonly string[]): string =>
  modules.length === 1 ? `1 module (${showName(modules[0]!)}) has` : `${modules.length} modules have`;

function groupByModule(weights: Weights): { modules: Map<string, Map<Role, LazyTensor>>; unclaimed: string[] } {
  const modules = new Map<string, Map<Role, LazyTensor>>();
  const unclaimed: string[] = [];
  for (const [name, tensor] of entriesOf(weights)) {
    const key = adapterKey(name, (other) => weights.has(other));
    if (key === undefined) {
      unclaimed.push(name);
      continue;
    }
    const tensors = modules.get(key.module) ?? new Map<Role, LazyTensor>();
    const taken = tensors.get(key.role);
    if (taken !== undefined) throw duplicate(taken.name, name);
    modules.set(key.module, tensors.set(key.role, tensor));
  }
  return { modules, unclaimed };
}

function readModule(group: ModuleTensors): readonly AdapterTarget[] {
  const roles = [...group.tensors.keys()];
  const formats = FORMATS.filter(([marks]) => roles.some((role) => marks.test(role)));
  const keys = [...group.tensors].flatMap(([role, tensor]) => (DIFFERENCE.test(role) ? [] : [tensor.name]));
  const read = formats.map(
    ([, delta]): AdapterTarget => ({
      module: group.module,
      parameter: "weight",
      delta: withMagnitude(group, delta(group)),
      keys,
    }),
  );
  if (read.length > 1) throw duplicate(keys[0]!, keys.at(-1)!);
  return [...read, ...diffTargets(group)];
}

function checkFormats(name: string, weights: Weights, modules: number): void {
  for (const key of weights.names) {
    const format = foreignFormat(key);
    if (format === undefined) continue;
    throw new FewstepError({
      code: "adapter-format",
      message: `${name} is an adapter of a format that fewstep does not compute`,
      found: `${format}: ${showName(key)}`,
      expected: "LoRA, LoCon, LoHa, LoKr, DoRA, OFT, BOFT, GLoRA, IA3 in kohya's or LyCORIS' form, or full differences",
      hint: "merge it into a checkpoint with the program that trained it, and use the checkpoint",
    });
  }
  if (modules === 0) throw notAnAdapter(name, [...weights.names]);
}

function notAnAdapter(name: string, keys: readonly string[]): FewstepError {
  const first = keys.slice(0, 5).map(showName).join(", ");
  return new FewstepError({
    code: "not-an-adapter",
    message: `${name} has no adapter weights`,
    found: keys.length === 0 ? "no tensors" : `${keys.length} tensors: ${first}${keys.length > 5 ? " ..." : ""}`,
    expected: "names such as lora_unet_..., ending in .lora_down.weight, .hada_w1_a, .lokr_w1, .oft_blocks or .diff",
    hint: "a whole model belongs in the place of the checkpoint, not of an adapter",
  });
}

function duplicate(one: string, other: string): FewstepError {
  return new FewstepError({
    code: "adapter-duplicate",
    message: "an adapter says two things of one module",
    found: `${showName(one)} and ${showName(other)}`,
    hint: "the file mixes two formats: ask its author for a clean one",
  });
}
