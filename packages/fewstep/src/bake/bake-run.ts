// One run of `fewstep bake`: files found and checked, the checkpoint written, and what diffusers needs to open it beside it.
import { type BakeDType, bakeCheckpoint, FewstepError } from "@fewstep/core";
import { type Checkpoint, childRuntime, exists, modelFolders, openModel, outputExists } from "@fewstep/core/node";
import { configFolder, writeModelConfigs } from "../diffusers/write-configs.js";
import type { Output } from "../output.js";
import { createCountProgress } from "../run/count-progress.js";
import { findFile } from "../run/find-file.js";
import type { LoraOption } from "../run/lora-option.js";
import { adaptersOf, fileNotes, openLoras } from "../run/open-run.js";
import { checkWeightsOutput, writeWeights } from "../run/weights-output.js";
import { readSettings } from "../settings.js";

/** Rows of CLIP's token table, where a checkpoint's own is not to be found. */
const TOKEN_TABLE = "text_model.embeddings.token_embedding.weight";

export interface BakeRunOptions {
  readonly model: string;
  readonly lora: readonly LoraOption[];
  readonly out: string;
  readonly dtype: BakeDType;
  /** False: --no-config. */
  readonly config: boolean;
  readonly threads?: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** @throws FewstepError `lora-missing`, and the codes of checkWeightsOutput, openModel, openLoras, bakeCheckpoint and writeWeights */
export async function bakeRun(options: BakeRunOptions, output: Output, signal: AbortSignal): Promise<void> {
  const target = { out: options.out, force: options.force === true };
  await checkWeightsOutput(target);
  const folder = configFolder(options.out);
  if (options.config && !target.force && (await exists(folder))) throw outputExists(folder);
  const folders = modelFolders(await readSettings());
  const model = await findFile(folders, "checkpoint", options.model, signal);
  const checkpoint = await openModel(model, { signal });
  if (options.lora.length === 0 && options.dtype === "keep" && checkpoint.files.length === 1) throw nothingToDo();
  const loras = await openLoras(options.lora, checkpoint, folders, signal);
  for (const note of fileNotes({ checkpoint, loras })) output.note(note);
  const runtime = childRuntime(options.threads === undefined ? {} : { threads: options.threads });
  const progress = createCountProgress(process.stderr, `writing ${options.out}`);
  try {
    const adapters = adaptersOf(loras);
    const baked = await bakeCheckpoint(checkpoint, adapters, { runtime, dtype: options.dtype, signal });
    const bytes = await writeWeights(target, baked.tensors, baked.metadata, progress, signal);
    progress.end();
    for (const line of baked.unsaid) output.note(line);
    if (baked.dropped.length > 0) {
      output.note(`left out ${baked.dropped.length} tensors of training averages (model_ema), which lack the LoRAs`);
    }
    const configs = options.config ? await configsOf(checkpoint, options.out, output) : undefined;
    const { length } = baked.tensors;
    const named = configs === undefined ? "" : `\n${configs}`;
    output.note(`${baked.changed} of ${length} tensors changed`);
    output.result(`${options.out}${named}`, {
      path: options.out,
      bytes,
      dtype: options.dtype,
      tensors: length,
      changed: baked.changed,
      dropped: baked.dropped.length,
      loras: loras.map(({ opened }, i) => ({
        name: opened.source.name,
        strength: adapters[i]!.strengthUnet,
        strengthText: adapters[i]!.strengthText,
        ...(adapters[i]!.blocks && { blocks: adapters[i]!.blocks }),
      })),
      configs: configs ?? null,
    });
  } finally {
    progress.end();
    await runtime.dispose();
  }
}

/** The checkpoint is there already: a UNet that diffusers has no words for is a note and no failure. */
async function configsOf(checkpoint: Checkpoint, out: string, output: Output): Promise<string | undefined> {
  const { family, unet, vae, text, prediction, zeroTerminalSnr, scalingFactor } = checkpoint;
  try {
    return await writeModelConfigs(out, {
      family,
      unet: unet.config,
      ...(vae && { vae: vae.config }),
      text: text.map(({ config }) => config),
      vocabulary: text[0]!.weights.get(TOKEN_TABLE)!.shape[0]!,
      prediction: prediction.type,
      zeroTerminalSnr,
      scalingFactor,
      size: family.size.width,
    });
  } catch (error) {
    if (!(error instanceof FewstepError) || error.code !== "diffusers-cannot-say") throw error;
    output.note(`no folder of configs for diffusers: ${error.summary} (${error.found})`);
    return undefined;
  }
}

function nothingToDo(): FewstepError {
  return new FewstepError({
    code: "lora-missing",
    message: "there is nothing to bake",
    expected: "--lora FILE, --dtype for the same weights in another type, or a folder to be made one file",
  });
}
