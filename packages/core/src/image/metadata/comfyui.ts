// ComfyUI graphs to settings. The sampler that makes the saved picture is found first; everything else is found by walking from its
// links (positive, negative, model, latent_image), never by the order or the titles of nodes.

import { type ComfyGraph, type ComfyNode, readApiGraph, readUiGraph } from "./comfyui-graph.js";
import { SIGMA_NODES } from "./comfyui-sigma-nodes.js";
import { chainOf, inputValue, reachableFrom, sourceOf } from "./comfyui-walk.js";
import { type Json, parseJson } from "./json.js";
import { isObject, numberOf, pairText, seedOf, textOf } from "./json-fields.js";
import { type HiresPass, type Pairs, type PictureSettings, type Reading, said, type UsedLora } from "./settings.js";

const MODEL = ["model"] as const;
const CLIP = ["clip"] as const;
const LATENT = ["latent_image", "samples", "latent", "pixels"] as const;

const CONDITIONING = /^(?:conditioning(?:_\w+)?|positive|negative)$/;

/** Reads a `prompt` (API) text. Errors: `json-*`, `comfyui-graph`, `comfyui-cycle`, `comfyui-missing-node`. */
export function readComfyPrompt(raw: string): Reading | undefined {
  return readGraph(readApiGraph(parseJson(raw)), raw);
}

/** Reads a `workflow` (UI) text. Errors as for `readComfyPrompt`. */
export function readComfyWorkflow(raw: string): Reading | undefined {
  return readGraph(readUiGraph(parseJson(raw)), raw);
}

/** Undefined for a graph that samples nothing (an upscaler, a caption). */
function readGraph(graph: ComfyGraph, raw: string): Reading | undefined {
  const last = findSampler(graph);
  if (last === undefined) return undefined;
  const earlier = chainOf(graph, last, LATENT).filter(isSampler);
  const first = earlier.at(-1) ?? last;
  const settings = readSampler(graph, first);
  const hires = first === last ? undefined : readHires(graph, last);
  return { tool: "comfyui", raw, pairs: pairsOf(graph), settings: said<PictureSettings>({ ...settings, hires }) };
}

function isSampler({ links, values }: ComfyNode): boolean {
  return (links.has("positive") || links.has("guider")) && (links.has("latent_image") || values.has("steps"));
}

/** The sampler nearest to a node that takes pictures; without such a node, the first that feeds no other sampler. */
function findSampler(graph: ComfyGraph): ComfyNode | undefined {
  const outputs = [...graph.values()].filter(({ links }) => links.has("images"));
  const shown = reachableFrom(graph, outputs, () => true).find(isSampler);
  if (shown !== undefined) return shown;
  const samplers = [...graph.values()].filter(isSampler);
  const latents = samplers.flatMap((node) => sourceOf(graph, node, "latent_image") ?? []);
  const feeding = new Set(reachableFrom(graph, latents, (name) => LATENT.some((latent) => latent === name)));
  return samplers.find((node) => !feeding.has(node)) ?? samplers[0];
}

function readSampler(graph: ComfyGraph, sampler: ComfyNode): PictureSettings {
  const guider = sourceOf(graph, sampler, "guider") ?? sampler;
  const noise = sourceOf(graph, sampler, "noise") ?? sampler;
  const sigmas = sourceOf(graph, sampler, "sigmas") ?? sampler;
  const method = sourceOf(graph, sampler, "sampler") ?? sampler;
  const models = chainOf(graph, guider, MODEL);
  const latents = chainOf(graph, sampler, LATENT);
  const sized = latents.find((node) => inputValue(graph, node, "width") !== undefined);
  const vaes = [...graph.values()].flatMap((node) => sourceOf(graph, node, "vae") ?? []);
  const model = models.find((node) => modelName(graph, node) !== undefined);
  const sampling = models.find((node) => inputValue(graph, node, "sampling") !== undefined);
  const rescale = models.find(({ type }) => type === "RescaleCFG");
  return said<PictureSettings>({
    ...readTexts(graph, guider),
    steps: numberOf(inputValue(graph, sigmas, "steps")),
    cfg: numberOf(inputValue(graph, guider, "cfg")),
    cfgRescale: numberOf(inputValue(graph, rescale, "multiplier")),
    sampler: textOf(inputValue(graph, method, "sampler_name")),
    schedule: SIGMA_NODES.get(sigmas.type) ?? textOf(inputValue(graph, sigmas, "scheduler")),
    denoise: numberOf(inputValue(graph, sigmas, "denoise")),
    seed: seedOf(inputValue(graph, noise, "seed", "noise_seed")),
    width: numberOf(inputValue(graph, sized, "width")),
    height: numberOf(inputValue(graph, sized, "height")),
    model: model === undefined ? undefined : modelName(graph, model),
    modelSampling: textOf(inputValue(graph, sampling, "sampling")),
    vae: vaes.map((node) => textOf(inputValue(graph, node, "vae_name"))).find((name) => name !== undefined),
    clipSkip: readClipSkip(graph, guider),
    loras: [...models].reverse().flatMap((node) => readLoras(graph, node)),
  });
}

function modelName(graph: ComfyGraph, node: ComfyNode): string | undefined {
  return textOf(inputValue(graph, node, "ckpt_name", "unet_name"));
}

function readTexts(graph: ComfyGraph, guider: ComfyNode): Pick<PictureSettings, "prompt" | "negative"> {
  return said<PictureSettings>({
    prompt: readText(graph, guider, guider.links.has("positive") ? "positive" : "conditioning"),
    negative: readText(graph, guider, "negative"),
  });
}

/** The texts behind one conditioning input; several that are combined stand on lines of their own, equal ones once. */
function readText(graph: ComfyGraph, node: ComfyNode, input: string): string | undefined {
  const start = sourceOf(graph, node, input);
  if (start === undefined) return undefined;
  // A node with two outputs (ControlNet) hands positive on to positive: the other polarity is not followed.
  const other = input === "negative" ? "positive" : "negative";
  const nodes = reachableFrom(graph, [start], (name) => CONDITIONING.test(name) && name !== other);
  const texts = nodes.flatMap((encoder) =>
    ["text", "text_g", "text_l"].flatMap((name) => textOf(inputValue(graph, encoder, name)) ?? []),
  );
  return texts.length === 0 ? undefined : [...new Set(texts)].join("\n");
}

function readClipSkip(graph: ComfyGraph, guider: ComfyNode): number | undefined {
  const start = sourceOf(graph, guider, guider.links.has("positive") ? "positive" : "conditioning");
  if (start === undefined) return undefined;
  const layer = numberOf(
    chainOf(graph, start, [...CLIP, "conditioning", "positive"])
      .map((node) => inputValue(graph, node, "stop_at_clip_layer"))
      .find((value) => value !== undefined),
  );
  return layer === undefined ? undefined : -layer;
}

/** LoRAs of one node: LoraLoader and its kin, or rgthree's Power Lora Loader with an object for each. */
function readLoras(graph: ComfyGraph, node: ComfyNode): readonly UsedLora[] {
  const single = loraOf(
    inputValue(graph, node, "lora_name"),
    inputValue(graph, node, "strength_model"),
    inputValue(graph, node, "strength_clip") ?? (node.type === "LoraLoaderModelOnly" ? 0 : undefined),
  );
  const listed = Array.from(node.values.values())
    .filter(isObject)
    .filter((item) => item.get("on") === true)
    .map((item) => loraOf(item.get("lora"), item.get("strength"), item.get("strengthTwo")));
  return [single, ...listed].filter((lora) => lora !== undefined);
}

function loraOf(name: Json | undefined, strength: Json | undefined, clip: Json | undefined): UsedLora | undefined {
  const [text, value] = [textOf(name), numberOf(strength)];
  if (text === undefined || value === undefined) return undefined;
  return said<UsedLora>({ name: text, strength: value, strengthClip: numberOf(clip) });
}

function readHires(graph: ComfyGraph, sampler: ComfyNode): HiresPass {
  const { steps, denoise, sampler: name, schedule, cfg } = readSampler(graph, sampler);
  const upscale = chainOf(graph, sampler, LATENT).find(
    ({ values, type }) => values.has("scale_by") || type.startsWith("LatentUpscale"),
  );
  return said<HiresPass>({
    scale: numberOf(inputValue(graph, upscale, "scale_by")),
    width: numberOf(inputValue(graph, upscale, "width")),
    height: numberOf(inputValue(graph, upscale, "height")),
    upscaler: textOf(inputValue(graph, upscale, "upscale_method")),
    steps,
    denoise,
    sampler: name,
    schedule,
    cfg,
  });
}

function pairsOf(graph: ComfyGraph): Pairs {
  return Array.from(graph.values()).flatMap(({ id, type, values }) =>
    Array.from(values, ([name, value]) => [`${id}.${type}.${name}`, pairText(value)] as const),
  );
}
