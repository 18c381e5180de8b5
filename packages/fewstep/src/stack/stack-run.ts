// What `fewstep stack` answers: how much each LoRA adds to each block of the UNet, and whether styles drown the accelerator out.
import {
  adapterNorms,
  adviseStacking,
  FewstepError,
  type StackedAdapter,
  type StackingAdvice,
  type StackingLimits,
} from "@fewstep/core";
import type { ModelFolders } from "@fewstep/core/node";
import { acceleratorFiles, NO_ACCELERATOR } from "../run/accelerate-run.js";
import { openRun, type RunLora } from "../run/open-run.js";
import type { RequestOptions } from "../run/request-options.js";

export interface StackOptions extends Pick<RequestOptions, "model" | "unet" | "lora" | "accelerator"> {
  readonly ratio?: number;
}

export interface Stack {
  readonly model: string;
  readonly adapters: readonly StackedAdapter[];
  readonly advice: StackingAdvice;
  /** Layers whose norm has no short form, by adapter. */
  readonly unmeasured: ReadonlyMap<string, number>;
}

/** @throws FewstepError `stack-empty`, `accelerator-file-missing`, and the codes of openRun and adapterNorms */
export async function stackRun(
  options: StackOptions,
  folders: ModelFolders,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<Stack> {
  const files = await openRun({ ...options, embedding: [], count: 1 }, folders, signal);
  if (files.loras.length === 0) {
    throw new FewstepError({
      code: "stack-empty",
      message: "there is no stack to look at",
      expected: "--lora FILE for each LoRA, the accelerator's and the styles'",
    });
  }
  const accelerators = await acceleratorsAmong(options, await acceleratorFiles(files, signal), files.loras);
  const adapters: StackedAdapter[] = [];
  const unmeasured = new Map<string, number>();
  for (const lora of files.loras) {
    const { opened, strengthUnet = 1 } = lora;
    const { name } = opened.source;
    note(`reading ${name} and the layers it acts on`);
    const norms = await adapterNorms(opened.fit.networks.get("unet") ?? [], files.checkpoint.unet.weights, signal);
    if (norms.unmeasured.length > 0) unmeasured.set(name, norms.unmeasured.length);
    adapters.push({ name, accelerator: accelerators.has(lora), strength: strengthUnet, blocks: norms.blocks });
  }
  const limits: StackingLimits = options.ratio === undefined ? {} : { ratio: options.ratio };
  return { model: files.checkpoint.name, adapters, advice: adviseStacking(adapters, limits), unmeasured };
}

/** Those that are known to be one, or the one that --accelerator means: the file that can be it, else the last, which is its usual place. */
async function acceleratorsAmong(
  { accelerator: name }: StackOptions,
  given: Awaited<ReturnType<typeof acceleratorFiles>>,
  loras: readonly RunLora[],
): Promise<ReadonlySet<RunLora>> {
  if (name === NO_ACCELERATOR) return new Set();
  const known = given.filter(({ file: { recognition } }) =>
    name === undefined
      ? recognition.candidates.length > 0
      : recognition.candidates.some(({ variant }) => variant.name === name),
  );
  const found = known.flatMap(({ lora }) => lora ?? []);
  if (name === undefined || found.length > 0) return new Set(found);
  return new Set(loras.slice(-1));
}
