// Settings as the texts that a tool puts into its pictures. Several tools use the key `parameters`: a picture holds one of those.

import { FewstepError } from "../../errors.js";
import { writeA1111 } from "./a1111-write.js";
import { writeComfyWorkflow } from "./comfyui-workflow-write.js";
import { writeComfyPrompt } from "./comfyui-write.js";
import { writeFooocus } from "./fooocus-write.js";
import { writeInvokeAi } from "./invokeai-write.js";
import { writeNovelAi } from "./novelai-write.js";
import type { MetadataTool, PictureSettings } from "./settings.js";
import { writeSwarmUi } from "./swarmui-write.js";

export type WrittenText = { readonly keyword: string; readonly text: string };

/** Whose metadata can be written. */
export type WritableTool = Exclude<MetadataTool, "fewstep">;

const writers: Readonly<Record<WritableTool, (settings: PictureSettings) => readonly WrittenText[]>> = {
  a1111: (settings) => [{ keyword: "parameters", text: writeA1111(settings) }],
  comfyui: (settings) => [
    { keyword: "prompt", text: writeComfyPrompt(settings) },
    { keyword: "workflow", text: writeComfyWorkflow(settings) },
  ],
  invokeai: (settings) => [{ keyword: "invokeai_metadata", text: writeInvokeAi(settings) }],
  fooocus: (settings) => [
    { keyword: "parameters", text: writeFooocus(settings) },
    { keyword: "fooocus_scheme", text: "fooocus" },
  ],
  novelai: (settings) => [
    { keyword: "Software", text: "NovelAI" },
    { keyword: "Source", text: settings.model ?? "" },
    { keyword: "Comment", text: writeNovelAi(settings) },
  ],
  swarmui: (settings) => [{ keyword: "parameters", text: writeSwarmUi(settings) }],
};

export const writableTools = Object.keys(writers) as readonly WritableTool[];

/** The texts of one tool's form. Errors: `comfyui-settings`. */
export function writeMetadata(settings: PictureSettings, tool: WritableTool): readonly WrittenText[] {
  return writers[tool](settings);
}

/** Of forms that share a key a picture can hold one. Errors: `metadata-forms`. */
export function checkForms(tools: readonly WritableTool[]): void {
  const sharing = (["a1111", "fooocus", "swarmui"] as const).filter((tool) => tools.includes(tool));
  if (sharing.length < 2) return;
  throw new FewstepError({
    code: "metadata-forms",
    message: "these forms of metadata stand under the same key",
    found: sharing.join(", "),
    expected: "one of them, beside comfyui, invokeai and novelai",
  });
}
