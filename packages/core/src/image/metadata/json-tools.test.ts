import { describe, expect, test } from "vitest";
import { readFooocus } from "./fooocus.js";
import { readInvokeAi } from "./invokeai.js";
import { readNovelAi } from "./novelai.js";
import { readSwarmUi } from "./swarmui.js";

describe("tools that store JSON", () => {
  test("InvokeAI 3 spells LoRAs and models differently", () => {
    const raw =
      '{"model": {"model_name": "m"}, "loras": [{"lora": {"model_name": "l"}, "weight": 0.5}, {"weight": 1}], "clip_skip": 1}';
    expect(readInvokeAi(raw)?.settings).toEqual({
      model: "m",
      clipSkip: 2,
      loras: [{ name: "l", strength: 0.5 }],
      hashes: [],
    });
  });
  test("Fooocus: older LoRA fields, literals that are none", () => {
    const raw =
      '{"prompt": "p", "resolution": "exit()", "styles": "[", "lora_combined_1": "a : 0.5", "loras": [["None", 1], 7]}';
    expect(readFooocus(raw)?.settings).toEqual({ prompt: "p", loras: [{ name: "a", strength: 0.5 }] });
  });
  test("NovelAI 4 keeps its prompts in captions", () => {
    const raw =
      '{"v4_prompt": {"caption": {"base_caption": "p"}}, "v4_negative_prompt": {"caption": {"base_caption": "n"}}, "seed": 1}';
    expect(readNovelAi(raw, "NovelAI Diffusion V4")?.settings).toEqual({
      prompt: "p",
      negative: "n",
      seed: "1",
      model: "NovelAI Diffusion V4",
      loras: [],
    });
  });
  test("SwarmUI: fewer weights than LoRAs", () => {
    const raw = '{"sui_image_params": {"loras": ["a", "b"], "loraweights": ["0"], "clipstopatlayer": -2}}';
    expect(readSwarmUi(raw)?.settings).toEqual({
      clipSkip: 2,
      loras: [
        { name: "a", strength: 0 },
        { name: "b", strength: 1 },
      ],
    });
    expect(readSwarmUi("{}")).toBeUndefined();
  });
});
