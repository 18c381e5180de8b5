// Config files in the layout of diffusers' folders beside a .safetensors file, for results that diffusers shall open:
// `StableDiffusionPipeline.from_single_file(out, config=folder)`. The weights stay in the file.

import { dirname, join } from "node:path";
import { clipVocabulary, FewstepError } from "@fewstep/core";
import { makeFolder, writeFileAtomically } from "@fewstep/core/node";
import { type Json, type ModelConfigs, modelConfigs, tokenizerFolder } from "./model-configs.js";
import { type NoiseConvention, schedulerConfig } from "./scheduler-config.js";

/** The folder that belongs to a file. */
export const configFolder = (out: string): string => out.replace(/\.safetensors$/i, "-diffusers");

async function writeText(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await makeFolder(dirname(path));
  await writeFileAtomically(path, new TextEncoder().encode(text), { replace: true });
}

const writeJson = (folder: string, name: string, value: Json): Promise<void> =>
  writeText(folder, name, `${JSON.stringify(value, undefined, 2)}\n`);

/** The scheduler that a LoRA was made for: `Scheduler.from_pretrained(folder, subfolder="scheduler")`. Answers the folder. */
export async function writeSchedulerConfig(
  out: string,
  { name, settings }: { readonly name: string; readonly settings: Json },
  noise: NoiseConvention,
): Promise<string> {
  const folder = configFolder(out);
  await writeJson(folder, "scheduler/scheduler_config.json", schedulerConfig(name, noise, settings));
  return folder;
}

/** All that `from_single_file(out, config=folder)` reads, tokenizers included. Answers the folder. Throws `diffusers-cannot-say`. */
export async function writeModelConfigs(out: string, model: ModelConfigs): Promise<string> {
  const folder = configFolder(out);
  const configs = modelConfigs(model);
  if (configs === undefined) {
    throw new FewstepError({
      code: "diffusers-cannot-say",
      message: "diffusers' config has no words for this UNet",
      found: "levels of uneven depth, as pruned networks have them",
      hint: "leave the config folder out (--no-config)",
    });
  }
  for (const [name, value] of Object.entries(configs)) await writeJson(folder, name, value);
  for (const index of model.text.keys()) await writeTokenizer(join(folder, tokenizerFolder(index)), index);
  return folder;
}

/** CLIP's own; the second one of SDXL pads with "!". */
async function writeTokenizer(folder: string, index: number): Promise<void> {
  const { tokens, merges } = await clipVocabulary();
  const pad = index === 0 ? "<|endoftext|>" : "!";
  const special = (content: string, normalized: boolean) => ({
    content,
    lstrip: false,
    normalized,
    rstrip: false,
    single_word: false,
  });
  const marks = {
    bos_token: special("<|startoftext|>", true),
    eos_token: special("<|endoftext|>", true),
    unk_token: special("<|endoftext|>", true),
  };
  await writeText(folder, "vocab.json", JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))));
  await writeText(folder, "merges.txt", `#version: 0.2\n${merges.join("\n")}\n`);
  await writeJson(folder, "special_tokens_map.json", { ...marks, pad_token: pad });
  await writeJson(folder, "tokenizer_config.json", {
    ...Object.fromEntries(Object.entries(marks).map(([key, mark]) => [key, { __type: "AddedToken", ...mark }])),
    add_prefix_space: false,
    do_lower_case: true,
    errors: "replace",
    model_max_length: 77,
    pad_token: pad,
    tokenizer_class: "CLIPTokenizer",
  });
}
