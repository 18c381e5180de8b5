// The schema of a comparison's YAML or JSON file, as it is published: fields of CompareRequest, with limits and words for each.
import { axisNames, MAX_CELLS } from "./compare-request.js";
import type { JsonSchema } from "./json-schema.js";

/** Values on one axis. */
const MAX_VALUES = 1_000;
/** Longest prompt that is read: A1111's longest styles are some thousand letters. */
const MAX_TEXT = 20_000;

const text = (description: string): JsonSchema => ({ type: "string", minLength: 1, maxLength: MAX_TEXT, description });
const anyText = (description: string): JsonSchema => ({ type: "string", maxLength: MAX_TEXT, description });
const list = (items: JsonSchema, description: string): JsonSchema => ({
  type: "array",
  items,
  minItems: 1,
  maxItems: MAX_VALUES,
  description,
});
const steps = {
  type: "integer",
  minimum: 1,
  maximum: 1_000,
  description: "a whole number of steps, 1 to 1000",
} as const;
const cfg = { type: "number", minimum: 1, maximum: 100, description: "guidance from 1 (none) to 100" } as const;
const strength = { type: "number", minimum: -100, maximum: 100, description: "a strength; 1 is as trained" } as const;

export const compareSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "fewstep comparison",
  description: `an object of axes: ${axisNames.join(", ")}; at most ${MAX_CELLS} pictures`,
  type: "object",
  additionalProperties: false,
  required: ["prompts"],
  properties: {
    title: anyText("a title"),
    models: list(text("a checkpoint: path or name"), "a list of checkpoints; none: the model that comes with fewstep"),
    loras: {
      type: "array",
      maxItems: MAX_VALUES,
      description: "a list of LoRAs",
      items: {
        anyOf: [
          text("a LoRA: path or name"),
          {
            type: "object",
            additionalProperties: false,
            required: ["file"],
            properties: {
              file: text("a LoRA: path or name"),
              is: text("the accelerator it is, or style"),
              strength,
            },
          },
        ],
      },
    },
    accelerators: list(text("an accelerator such as lcm or lightning-4, or none"), "a list of accelerators"),
    steps: list(steps, "a list of numbers of steps"),
    strengths: list(strength, "a list of strengths of the accelerator's LoRA"),
    cfg: list(cfg, "a list of guidances"),
    samplers: list(text("a sampler"), "a list of samplers"),
    schedules: list(text("a schedule"), "a list of schedules"),
    prompts: list(
      {
        anyOf: [
          anyText("a prompt"),
          {
            type: "object",
            additionalProperties: false,
            required: ["prompt"],
            properties: { prompt: anyText("a prompt"), negative: anyText("a negative prompt") },
          },
        ],
      },
      "a list of prompts",
    ),
    negative: anyText("a negative prompt"),
    choices: {
      anyOf: [{ const: true }, { const: false }],
      description: "true: {a|b} in prompts is a choice, made from each seed",
    },
    wildcards: text("a folder of text files whose lines __name__ stands for; means choices"),
    seeds: list(
      {
        anyOf: [
          { type: "integer", minimum: 0, description: "a whole number" },
          { type: "string", pattern: "^[0-9]{1,20}$", description: "digits in quotes beyond 2^53" },
        ],
      },
      "a list of seeds",
    ),
    sizes: list(
      { type: "string", pattern: "^[0-9]{1,5}x[0-9]{1,5}$", description: "WIDTHxHEIGHT, such as 512x768" },
      "a list of sizes",
    ),
    clipSkip: { type: "integer", minimum: 1, maximum: 12, description: "1 (none) to 12" },
    reference: {
      anyOf: [
        { const: false },
        {
          type: "object",
          additionalProperties: false,
          properties: { steps, cfg, sampler: text("a sampler"), schedule: text("a schedule") },
        },
      ],
    },
  },
} as const satisfies JsonSchema;
