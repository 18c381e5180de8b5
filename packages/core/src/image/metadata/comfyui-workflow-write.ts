// A ComfyUI API graph to the graph that its editor opens (`workflow`): the same nodes with places, sockets and widget values by position.

import { readApiGraph, WIDGETS } from "./comfyui-graph.js";
import { writeComfyPrompt } from "./comfyui-write.js";
import { type Json, parseJson } from "./json.js";
import { fields } from "./json-build.js";
import { writeJson } from "./json-fields.js";
import type { PictureSettings } from "./settings.js";

/** Sockets that the written nodes give on, in order. */
const OUTPUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["CheckpointLoaderSimple", ["MODEL", "CLIP", "VAE"]],
  ["LoraLoader", ["MODEL", "CLIP"]],
  ["CLIPSetLastLayer", ["CLIP"]],
  ["ModelSamplingDiscrete", ["MODEL"]],
  ["RescaleCFG", ["MODEL"]],
  ["CLIPTextEncode", ["CONDITIONING"]],
  ["EmptyLatentImage", ["LATENT"]],
  ["KSampler", ["LATENT"]],
  ["SDTurboScheduler", ["SIGMAS"]],
  ["KSamplerSelect", ["SAMPLER"]],
  ["SamplerCustom", ["output", "denoised_output"]],
  ["VAELoader", ["VAE"]],
  ["VAEDecode", ["IMAGE"]],
]);

const COLUMN = 340;
const ROW = 220;
const ROWS = 4;

/** The `workflow` text of the graph that writeComfyPrompt writes. Errors: as of writeComfyPrompt. */
export function writeComfyWorkflow(settings: PictureSettings): string {
  const graph = readApiGraph(parseJson(writeComfyPrompt(settings)));
  const links: Json[] = [];
  const leaving = new Map<string, number[]>();
  const inputsOf = new Map<string, Json>();
  for (const { id, links: incoming } of graph.values()) {
    const inputs = Array.from(incoming, ([name, { node, slot }], to): Json => {
      const link = links.length + 1;
      const type = OUTPUTS.get(graph.get(node)!.type)?.[slot] ?? name.toUpperCase();
      links.push([link, Number(node), slot, Number(id), to, type]);
      const key = `${node}.${slot}`;
      leaving.set(key, [...(leaving.get(key) ?? []), link]);
      return fields({ name, type, link });
    });
    inputsOf.set(id, inputs);
  }
  const nodes = Array.from(
    graph.values(),
    ({ id, type, values }, i): Json =>
      fields({
        id: Number(id),
        type,
        pos: [Math.floor(i / ROWS) * COLUMN, (i % ROWS) * ROW],
        order: i,
        mode: 0,
        inputs: inputsOf.get(id),
        outputs: (OUTPUTS.get(type) ?? []).map((name, slot) =>
          fields({ name, type: name.toUpperCase(), links: leaving.get(`${id}.${slot}`) ?? [], slot_index: slot }),
        ),
        widgets_values: widgetValues(type, values),
      }),
  );
  const last = { last_node_id: nodes.length, last_link_id: links.length };
  return writeJson(fields({ ...last, nodes, links, groups: [], version: 0.4 }));
}

/** By position; behind a seed stands what the editor does with it from run to run. */
function widgetValues(type: string, values: ReadonlyMap<string, Json>): Json {
  const names = WIDGETS.get(type) ?? [...values.keys()];
  return names.flatMap((name): readonly Json[] => {
    const value = values.get(name) ?? "";
    return name === "seed" || name === "noise_seed" ? [value, "fixed"] : [value];
  });
}
