// The options that `generate` and `plan` share: what a picture shall be, as text on the command line, to a GenerateRequest.
import {
  type FamilyId,
  type GenerateRequest,
  likeTool,
  type NamingTool,
  type PromptGrammar,
  resolveSampler,
  resolveSchedule,
  type SamplingOptions,
  type ToolName,
  toolNames,
  type Weighting,
} from "@fewstep/core";
import { type Command, Option } from "commander";
import { type EmbeddingOption, parseEmbedding } from "./embedding-option.js";
import { type LoraOption, parseLora } from "./lora-option.js";
import { addNoiseOptions, isVaried, type NoiseOptions, noiseOf } from "./noise-options.js";
import { count, numbers, seedOrRandom, size, whole, word } from "./parse-values.js";
import { addSettingOptions, type SettingOptions, settingsOf } from "./setting-options.js";

/** What may be saved for a model: how its pictures are wanted, unless an option says otherwise. */
export interface DefaultOptions extends SettingOptions {
  readonly vae?: string;
  readonly like?: ToolName;
  readonly weighting?: Weighting;
  readonly negative?: string;
  readonly clipSkip?: number;
  readonly grammar?: PromptGrammar;
  readonly size?: { readonly width: number; readonly height: number };
  readonly accelerator?: string;
  readonly steps?: number;
  readonly cfg?: readonly number[];
  readonly sampler?: string;
  readonly schedule?: string;
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly prediction?: "epsilon" | "v" | "sample";
  readonly zsnr?: boolean;
}

export interface RequestOptions extends DefaultOptions, NoiseOptions {
  readonly prompt2?: string;
  readonly negative2?: string;
  readonly seed?: bigint;
  readonly count: number;
  readonly model?: string;
  readonly unet?: string;
  readonly lora: readonly LoraOption[];
  readonly embedding: readonly EmbeddingOption[];
  readonly preset?: string;
  /** Of a preset: for the accelerator's LoRA, where --lora gives none. */
  readonly acceleratorStrength?: number;
  /** What was saved for the model's sampling; counts where no accelerator beside the model does. */
  readonly saved?: DefaultOptions;
}

export const LORA_FLAG = "--lora <file[:strength[:text]][:blocks]>";
export const LORA_HELP =
  "a LoRA and its strength (with commas: one for each step), factors of blocks as down.1=0.5,mid=0; may be repeated";

const MAX_STEPS = 10_000;
const GRAMMARS = ["a1111", "comfyui", "compel", "plain"] as const;
const WEIGHTINGS = ["a1111", "a1111-no-norm", "interpolate", "none"] as const;
const PREDICTIONS = ["epsilon", "v", "sample"] as const;

/** What may be saved for a model, as options. */
export function addDefaultOptions(command: Command): Command {
  const described = command
    .option("--vae <file>", "a VAE in place of the model's")
    .option(
      "--accelerator <name>",
      "fill in what its publisher says: lcm, lightning-4, hyper-8, turbo ...; none: whatever the files look like",
    )
    .option("--steps <n>", "number of steps", whole("steps", 1, MAX_STEPS))
    .option("--cfg <scale>", "guidance; 1 is none; with commas: one for each step", numbers("cfg"))
    .option("--sampler <name>", "euler, lcm, tcd, ddim, dpmpp_2m ...; names of ComfyUI, A1111 and diffusers are known")
    .option("--schedule <name>", "trailing, karras, sgm_uniform ...; default: the sampler's own")
    .option("--timesteps <list>", "exactly these timesteps, descending", numbers("timesteps"))
    .option("--sigmas <list>", "exactly these sigmas, descending, the last one included", numbers("sigmas"))
    .option("--prediction <type>", "epsilon, v or sample, where the file does not say", word("prediction", PREDICTIONS))
    .option("--zsnr", "rescale the noise to zero terminal SNR")
    .option("--no-zsnr", "do not, though the file asks for it")
    .option("--negative <text>", "what shall not be in the picture; counts only above guidance 1")
    .option("--clip-skip <n>", "2 takes the penultimate layer of the text encoder", whole("clip-skip", 1, 12))
    .option(
      "--grammar <name>",
      "how prompts are read: a1111 (default), comfyui, compel, plain",
      word("grammar", GRAMMARS),
    )
    .option(
      "--weighting <name>",
      "what weights do: a1111, a1111-no-norm, interpolate (ComfyUI), none; default: the grammar's own",
      word("weighting", WEIGHTINGS),
    )
    .option("--size <WxH>", "in pixels, multiples of 8; default: the family's", size)
    .option(
      "--like <tool>",
      `make the picture as ${toolNames.join(", ")} would: noise, start, timesteps, weights of the prompt ...`,
      word("like", toolNames),
    );
  return addSettingOptions(described);
}

export function addRequestOptions(command: Command): Command {
  command
    .option("--model <file>", "checkpoint: a .safetensors file, a diffusers folder, or a name in your folders")
    .addOption(
      new Option(LORA_FLAG, LORA_HELP)
        .default([] as readonly LoraOption[], "none")
        .argParser((text: string, before: readonly LoraOption[]) => [...before, parseLora(text)]),
    )
    .addOption(
      new Option("--embedding <[name=]file>", "a textual inversion that prompts call by its name; may be repeated")
        .default([] as readonly EmbeddingOption[], "none")
        .argParser((text: string, before: readonly EmbeddingOption[]) => [...before, parseEmbedding(text)]),
    )
    .option("--unet <file>", "a UNet in place of the model's (full LCM, Lightning or Hyper)");
  const described = addDefaultOptions(command)
    .option("--prompt-2 <text>", "prompt of SDXL's second text encoder; default: the prompt")
    .option("--negative-2 <text>", "the same for the negative prompt")
    .option("--preset <name>", "guide-1 to guide-9: the runs of a hand-made comparison, in ComfyUI's words")
    .option("--seed <n>", "default, or -1: a random one, which is printed", seedOrRandom("seed"))
    .option("--count <n>", "pictures: seeds n, n + 1, ...", count, 1);
  return addNoiseOptions(described);
}

/** What the names of a sampler and a schedule stand for with a model of this family. */
export function namedSampling(
  sampler: string | undefined,
  schedule: string | undefined,
  family: FamilyId,
  tool: NamingTool = "fewstep",
) {
  const named = sampler === undefined ? undefined : resolveSampler(sampler, tool, family);
  const list = schedule === undefined ? named?.schedule : resolveSchedule(schedule, tool, family);
  return { ...named, ...(list === undefined ? {} : { schedule: list }) };
}

/** The sampling that was asked for; what was not stays open. */
export function samplingOf(options: RequestOptions, family: FamilyId): Omit<SamplingOptions, "guidance" | "noise"> {
  const { settings, schedule, ...named } = namedSampling(options.sampler, options.schedule, family, options.like);
  return {
    ...named,
    ...settingsOf(options, settings, schedule),
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    ...(options.timesteps === undefined ? {} : { timesteps: options.timesteps }),
    ...(options.sigmas === undefined ? {} : { sigmas: options.sigmas }),
    ...(options.prediction === undefined ? {} : { prediction: options.prediction }),
    ...(options.zsnr === undefined ? {} : { zeroTerminalSnr: options.zsnr }),
  };
}

/** The seeds of a run's pictures, from the option's or the random one drawn in its place. */
export function seedsOf(options: RequestOptions, firstSeed: bigint): readonly bigint[] {
  return Array.from({ length: options.count }, (_, i) => (isVaried(options) ? firstSeed : firstSeed + BigInt(i)));
}

/** The request for one prompt. `firstSeed` is the option's, or the random one drawn in its place. */
export function requestOf(
  prompt: string,
  options: RequestOptions,
  firstSeed: bigint,
  family: FamilyId,
): GenerateRequest {
  const { cfg } = options;
  const noise = noiseOf(options, firstSeed, options.count);
  return {
    prompt,
    seeds: seedsOf(options, firstSeed),
    sampling: samplingOf(options, family),
    ...(noise && { noise }),
    ...(cfg === undefined ? {} : { guidance: cfg.length === 1 ? cfg[0]! : cfg }),
    ...(options.size ?? {}),
    ...(options.negative === undefined ? {} : { negative: options.negative }),
    ...(options.prompt2 === undefined ? {} : { prompt2: options.prompt2 }),
    ...(options.negative2 === undefined ? {} : { negative2: options.negative2 }),
    ...(options.clipSkip === undefined ? {} : { clipSkip: options.clipSkip }),
    ...(options.grammar === undefined ? {} : { grammar: options.grammar }),
    ...(options.weighting === undefined ? {} : { weighting: options.weighting }),
  };
}

/** What is still open, as the tool of --like would have it. */
export function likened(request: GenerateRequest, { like }: RequestOptions, family: FamilyId): GenerateRequest {
  return like === undefined ? request : likeTool(like, request, family);
}
