// An adapter's file as the trainable weights of a LoRA: the module names of the model, the factors under the names that withLora gives them.
import {
  fitAdapter,
  type LazyTensor,
  openSafetensors,
  type Parts,
  parseAdapter,
  type Weights,
  weightsOf,
} from "@fewstep/core";
import type { LoraOptions } from "@fewstep/train";
import type { GoldenBench } from "../golden-case.js";

export interface AdapterToTrain {
  readonly lora: LoraOptions;
  readonly weights: Weights;
}

export async function adapterToTrain(bench: GoldenBench, parts: Parts, spec: string): Promise<AdapterToTrain> {
  const adapter = await parseAdapter(spec, await openSafetensors(await bench.model(spec)));
  const factors = new Map<string, LazyTensor>();
  const sizes = new Set<string>();
  const modules = new Set<string>();
  for (const { module, delta } of fitAdapter(adapter, parts).networks.get("unet")!) {
    if (delta.kind !== "lora") throw new RangeError(`${module} of ${spec} is no LoRA`);
    modules.add(module);
    sizes.add(JSON.stringify({ rank: delta.rank, alpha: delta.alpha }));
    factors.set(`${module}.lora_down.weight`, delta.down);
    factors.set(`${module}.lora_up.weight`, delta.up);
  }
  if (sizes.size !== 1) throw new RangeError(`${spec} has ranks and alphas ${[...sizes]}`);
  const { rank, alpha } = JSON.parse([...sizes][0]!) as { rank: number; alpha: number };
  return { lora: { rank, alpha, wanted: (module) => modules.has(module) }, weights: weightsOf(factors) };
}
