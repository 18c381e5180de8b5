// What is written is read back, for every tool: the settings of the golden pictures, and hostile words.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { emptyPixels } from "../pixels.js";
import { encodePng } from "../png-encode.js";
import { readComfyPrompt, readComfyWorkflow } from "./comfyui.js";
import { readMetadata } from "./read-metadata.js";
import type { PictureSettings } from "./settings.js";
import { checkForms, type WritableTool, writableTools, writeMetadata } from "./write-metadata.js";

const golden = new URL("../../../../../test/golden/data/metadata/", import.meta.url);
const fileOf: Readonly<Record<WritableTool, readonly string[]>> = {
  a1111: ["a1111-lcm.png", "a1111-unicode.png"],
  comfyui: ["comfyui-lcm-sd15.png", "comfyui-lightning-sdxl.png", "comfyui-turbo.png"],
  invokeai: ["invokeai.png"],
  fooocus: ["fooocus.png"],
  novelai: ["novelai.png"],
  swarmui: ["swarmui.png"],
};

async function reread(settings: PictureSettings, tool: WritableTool) {
  const bytes = await encodePng(emptyPixels(16, 8), { texts: writeMetadata(settings, tool) });
  return (await readMetadata(Uint8Array.from(bytes))).reading;
}

describe("writeMetadata", () => {
  const pictures = writableTools.flatMap((tool) => fileOf[tool].map((file) => ({ tool, file })));
  it.each(pictures)("$file: its settings, written as $tool's, are read back", async ({ tool, file }) => {
    const { reading } = await readMetadata(Uint8Array.from(readFileSync(new URL(file, golden))));
    const again = await reread(reading!.settings, tool);
    expect(again?.tool).toBe(tool);
    expect(again?.settings).toEqual(reading!.settings);
  });

  it.each(writableTools)("%s: quotes, line breaks, Python's and HTML's words, the largest seed", async (tool) => {
    const settings: PictureSettings = {
      prompt: `a "cat", it's\n{dog}: [1, 2] \\ <script>é☂`,
      negative: "x: y, 'z'",
      steps: 4,
      sampler: "euler",
      schedule: "karras",
      cfg: 1,
      seed: "18446744073709551615",
      width: 512,
      height: 768,
      model: "a 'model'",
      styles: ["it's", 'a "b"'],
    };
    const again = (await reread(settings, tool))?.settings;
    const { styles, schedule, ...common } = settings;
    expect(again).toMatchObject(tool === "invokeai" ? common : { ...common, schedule });
    if (tool === "fooocus") expect(again?.styles).toEqual(styles);
  });

  it("ComfyUI's editor opens the graph that its program ran: both read alike, every link has two ends", async () => {
    const { reading } = await readMetadata(Uint8Array.from(readFileSync(new URL("comfyui-lcm-sd15.png", golden))));
    const [api, ui] = writeMetadata(reading!.settings, "comfyui");
    expect(readComfyWorkflow(ui!.text)?.settings).toEqual(readComfyPrompt(api!.text)?.settings);
    const { nodes, links } = JSON.parse(ui!.text) as {
      readonly nodes: readonly {
        readonly id: number;
        readonly inputs: readonly { readonly link: number }[];
        readonly outputs: readonly { readonly links: readonly number[] }[];
      }[];
      readonly links: readonly (readonly [number, number, number, number, number, string])[];
    };
    for (const [id, from, slot, to, socket] of links) {
      expect(nodes.find((node) => node.id === from)?.outputs[slot]?.links).toContain(id);
      expect(nodes.find((node) => node.id === to)?.inputs[socket]?.link).toBe(id);
    }
  });

  it("refuses two forms under one key", () => {
    expect(() => checkForms(["a1111", "comfyui", "invokeai", "novelai"])).not.toThrow();
    expect(() => checkForms(["a1111", "swarmui"])).toThrow(/same key/);
  });
});
