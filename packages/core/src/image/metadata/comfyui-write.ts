// Settings to a ComfyUI API graph: the standard text-to-picture nodes, LoRAs chained in order. Names of samplers, schedules and files
// are written as they are: give ComfyUI's own.

import { FewstepError } from "../../errors.js";
import { NODE_ONLY_SCHEDULES } from "./comfyui-sigma-nodes.js";
import type { Json } from "./json.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

type Inputs = readonly (readonly [string, Json])[];

/** The `prompt` text; reading it gives the same settings. Errors: `comfyui-settings` if a node's input has no value. */
export function writeComfyPrompt(settings: PictureSettings): string {
  const nodes = new Map<string, Json>();
  const add = (type: string, inputs: Inputs): string => {
    const id = String(nodes.size + 1);
    nodes.set(
      id,
      new Map<string, Json>([
        ["inputs", new Map(inputs)],
        ["class_type", type],
      ]),
    );
    return id;
  };
  const loader = add("CheckpointLoaderSimple", [["ckpt_name", required(settings, "model")]]);
  let [model, clip]: readonly [Json, Json] = [
    [loader, 0],
    [loader, 1],
  ];
  for (const { name, strength, strengthClip } of settings.loras ?? []) {
    const lora = add("LoraLoader", [
      ["lora_name", name],
      ["strength_model", strength],
      ["strength_clip", strengthClip ?? strength],
      ["model", model],
      ["clip", clip],
    ]);
    [model, clip] = [
      [lora, 0],
      [lora, 1],
    ];
  }
  if (settings.clipSkip !== undefined) {
    clip = [
      add("CLIPSetLastLayer", [
        ["stop_at_clip_layer", -settings.clipSkip],
        ["clip", clip],
      ]),
      0,
    ];
  }
  if (settings.modelSampling !== undefined) {
    const inputs: Inputs = [
      ["sampling", settings.modelSampling],
      ["zsnr", false],
      ["model", model],
    ];
    model = [add("ModelSamplingDiscrete", inputs), 0];
  }
  if (settings.cfgRescale !== undefined) {
    model = [
      add("RescaleCFG", [
        ["multiplier", settings.cfgRescale],
        ["model", model],
      ]),
      0,
    ];
  }
  const positive = add("CLIPTextEncode", [
    ["text", settings.prompt ?? ""],
    ["clip", clip],
  ]);
  const negative = add("CLIPTextEncode", [
    ["text", settings.negative ?? ""],
    ["clip", clip],
  ]);
  const latent = add("EmptyLatentImage", [
    ["width", required(settings, "width")],
    ["height", required(settings, "height")],
    ["batch_size", 1],
  ]);
  const sampler = addSampler(add, settings, [
    ["model", model],
    ["positive", [positive, 0]],
    ["negative", [negative, 0]],
    ["latent_image", [latent, 0]],
  ]);
  const vae: Json = settings.vae === undefined ? [loader, 2] : [add("VAELoader", [["vae_name", settings.vae]]), 0];
  const decoded = add("VAEDecode", [
    ["samples", [sampler, 0]],
    ["vae", vae],
  ]);
  add("SaveImage", [
    ["filename_prefix", "fewstep"],
    ["images", [decoded, 0]],
  ]);
  return writeJson(nodes);
}

/** KSampler, or for SD-Turbo's sigmas the custom sampler they need. */
function addSampler(add: (type: string, inputs: Inputs) => string, settings: PictureSettings, links: Inputs): string {
  const schedule = required(settings, "schedule");
  const method: Inputs = [["sampler_name", required(settings, "sampler")]];
  const strength: Inputs = [
    ["steps", required(settings, "steps")],
    ["denoise", settings.denoise ?? 1],
  ];
  const seed = BigInt(required(settings, "seed"));
  const cfg: Inputs = [["cfg", required(settings, "cfg")]];
  if (!NODE_ONLY_SCHEDULES.has(schedule)) {
    return add("KSampler", [["seed", seed], ...strength, ...cfg, ...method, ["scheduler", schedule], ...links]);
  }
  if (schedule !== "turbo") {
    throw new FewstepError({
      code: "comfyui-settings",
      message: "a ComfyUI graph cannot be written for this schedule",
      found: schedule,
      expected: "a scheduler of KSampler, or turbo",
      hint: "its node needs numbers that the settings do not hold",
    });
  }
  const sigmas = add("SDTurboScheduler", [...strength, ...links.filter(([name]) => name === "model")]);
  const select = add("KSamplerSelect", method);
  return add("SamplerCustom", [
    ["add_noise", true],
    ["noise_seed", seed],
    ...cfg,
    ...links,
    ["sampler", [select, 0]],
    ["sigmas", [sigmas, 0]],
  ]);
}

function required<K extends "model" | "width" | "height" | "seed" | "steps" | "cfg" | "sampler" | "schedule">(
  settings: PictureSettings,
  key: K,
): NonNullable<PictureSettings[K]> {
  const value = settings[key];
  if (value !== undefined && (key !== "seed" || /^\d{1,20}$/.test(String(value)))) return value;
  throw new FewstepError({
    code: "comfyui-settings",
    message: "a ComfyUI graph cannot be written without a setting",
    found: value === undefined ? `no ${key}` : `${key} ${value}`,
    expected: "model, width, height, seed, steps, cfg, sampler and schedule",
  });
}
