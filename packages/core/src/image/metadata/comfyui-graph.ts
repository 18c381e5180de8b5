// ComfyUI's two graphs as one: the API graph ("prompt": id -> class_type, inputs) and the UI graph ("workflow": nodes with widget
// values by position, and a table of links). It gives nodes with named inputs; what they mean is comfyui.ts's matter.

import { FewstepError } from "../../errors.js";
import type { Json } from "./json.js";
import { isList, isObject, numberOf, textOf } from "./json-fields.js";

export type ComfyLink = { readonly node: string; readonly slot: number };
export type ComfyNode = {
  readonly id: string;
  readonly type: string;
  readonly values: ReadonlyMap<string, Json>;
  readonly links: ReadonlyMap<string, ComfyLink>;
};
export type ComfyGraph = ReadonlyMap<string, ComfyNode>;

/** 20,000 nodes: large workflows have some 500. Refused: graphs meant to make the walk slow. */
const MAX_NODES = 20_000;

/** Names of the widgets of a node in the order the UI stores their values (nodes.py, comfy_extras/). */
export const WIDGETS: ReadonlyMap<string, readonly string[]> = new Map([
  ["KSampler", ["seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"]],
  [
    "KSamplerAdvanced",
    ["add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step"],
  ],
  ["SamplerCustom", ["add_noise", "noise_seed", "cfg"]],
  ["RandomNoise", ["noise_seed"]],
  ["CFGGuider", ["cfg"]],
  ["KSamplerSelect", ["sampler_name"]],
  ["BasicScheduler", ["scheduler", "steps", "denoise"]],
  ["SDTurboScheduler", ["steps", "denoise"]],
  ["KarrasScheduler", ["steps", "sigma_max", "sigma_min", "rho"]],
  ["ExponentialScheduler", ["steps", "sigma_max", "sigma_min"]],
  ["AlignYourStepsScheduler", ["model_type", "steps", "denoise"]],
  ["CheckpointLoaderSimple", ["ckpt_name"]],
  ["UNETLoader", ["unet_name", "weight_dtype"]],
  ["VAELoader", ["vae_name"]],
  ["LoraLoader", ["lora_name", "strength_model", "strength_clip"]],
  ["LoraLoaderModelOnly", ["lora_name", "strength_model"]],
  ["CLIPTextEncode", ["text"]],
  ["CLIPTextEncodeSDXL", ["width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"]],
  ["CLIPSetLastLayer", ["stop_at_clip_layer"]],
  ["EmptyLatentImage", ["width", "height", "batch_size"]],
  ["EmptySD3LatentImage", ["width", "height", "batch_size"]],
  ["LatentUpscaleBy", ["upscale_method", "scale_by"]],
  ["LatentUpscale", ["upscale_method", "width", "height", "crop"]],
  ["ModelSamplingDiscrete", ["sampling", "zsnr"]],
  ["RescaleCFG", ["multiplier"]],
  ["PrimitiveNode", ["value"]],
]);

/** What the UI puts behind a seed: how it changes from run to run. */
const SEED_CONTROLS = new Set(["fixed", "increment", "decrement", "randomize"]);

/** UI nodes that are muted (2) are not run; bypassed ones (4) hand their first fitting input on. */
const MUTED = 2;
const BYPASSED = 4;

/** Reads an API graph. Errors: `comfyui-graph`. */
export function readApiGraph(json: Json): ComfyGraph {
  if (!isObject(json)) throw notAGraph("no object");
  const nodes = new Map<string, ComfyNode>();
  for (const [id, node] of json) {
    const type = isObject(node) ? textOf(node.get("class_type")) : undefined;
    const inputs = isObject(node) ? node.get("inputs") : undefined;
    if (type === undefined || !isObject(inputs)) continue;
    const values = new Map<string, Json>();
    const links = new Map<string, ComfyLink>();
    for (const [name, value] of inputs) {
      const link = readLink(value);
      if (link === undefined) values.set(name, value);
      else links.set(name, link);
    }
    nodes.set(id, { id, type, values, links });
  }
  return checked(nodes);
}

/** Reads a UI graph. Subgraphs are not opened. Errors: `comfyui-graph`. */
export function readUiGraph(json: Json): ComfyGraph {
  const list = isObject(json) ? json.get("nodes") : undefined;
  if (!isObject(json) || !isList(list)) throw notAGraph("no list of nodes");
  const linkTable = readLinkTable(json.get("links"));
  const nodes = new Map<string, ComfyNode>();
  for (const item of list.filter(isObject)) {
    const id = idOf(item.get("id"));
    const type = textOf(item.get("type"));
    if (id === undefined || type === undefined || item.get("mode") === MUTED) continue;
    const links = readInputs(item.get("inputs"), linkTable);
    const bypassed = item.get("mode") === BYPASSED;
    const values = bypassed ? new Map<string, Json>() : readWidgets(type, item.get("widgets_values"));
    nodes.set(id, { id, type: bypassed ? "Reroute" : type, values, links });
  }
  return checked(nodes);
}

function checked(nodes: ReadonlyMap<string, ComfyNode>): ComfyGraph {
  if (nodes.size === 0) throw notAGraph("no nodes");
  if (nodes.size > MAX_NODES) throw notAGraph(`${nodes.size} nodes`);
  return nodes;
}

function readLink(value: Json): ComfyLink | undefined {
  if (!isList(value) || value.length !== 2) return undefined;
  const node = idOf(value[0]);
  const slot = value[1];
  return node === undefined || typeof slot !== "number" ? undefined : { node, slot };
}

/** Links are [id, from, slot, to, slot, type] or objects with the same facts. */
function readLinkTable(value: Json | undefined): ReadonlyMap<string, ComfyLink> {
  const table = new Map<string, ComfyLink>();
  for (const item of isList(value) ? value : []) {
    const [id, from, slot] = isObject(item)
      ? [item.get("id"), item.get("origin_id"), item.get("origin_slot")]
      : isList(item)
        ? item
        : [];
    const [key, node] = [idOf(id), idOf(from)];
    if (key !== undefined && node !== undefined) table.set(key, { node, slot: numberOf(slot) ?? 0 });
  }
  return table;
}

function readInputs(value: Json | undefined, table: ReadonlyMap<string, ComfyLink>): ReadonlyMap<string, ComfyLink> {
  const links = new Map<string, ComfyLink>();
  for (const input of isList(value) ? value.filter(isObject) : []) {
    const name = textOf(input.get("name"));
    const link = table.get(idOf(input.get("link")) ?? "");
    if (name !== undefined && link !== undefined) links.set(name, link);
  }
  return links;
}

function readWidgets(type: string, value: Json | undefined): ReadonlyMap<string, Json> {
  if (isObject(value)) return value;
  const names = WIDGETS.get(type);
  if (names === undefined || !isList(value)) return new Map();
  const controlAt = names.findIndex((name) => name === "seed" || name === "noise_seed") + 1;
  const control = value[controlAt];
  const hasControl = controlAt > 0 && typeof control === "string" && SEED_CONTROLS.has(control);
  const values = hasControl ? value.filter((_, i) => i !== controlAt) : value;
  return new Map(names.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]] as const])));
}

function idOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

function notAGraph(found: string): FewstepError {
  return new FewstepError({
    code: "comfyui-graph",
    message: "not a ComfyUI graph",
    found,
    expected: `an object of nodes, or a list of them, at most ${MAX_NODES}`,
  });
}
