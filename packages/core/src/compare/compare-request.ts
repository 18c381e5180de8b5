// What a user asks of a comparison: files, axes, prompts and seeds. Every axis left out has one value, the one each accelerator's publisher
// names. The same fields in a YAML or JSON file: request-schema.ts.

export interface ComparedPrompt {
  readonly prompt: string;
  /** Default: the request's `negative`. */
  readonly negative?: string;
}

export interface ComparedLora {
  /** A path, or a name in the user's folders. */
  readonly file: string;
  /** The accelerator it is, where its content does not say; `style`: none. */
  readonly is?: string;
  /** Of a style LoRA in every cell; an accelerator's strengths are an axis. Default 1. */
  readonly strength?: number;
}

/** The many-step run that every cell is measured against. */
export interface ReferenceRequest {
  /** Default 25. */
  readonly steps?: number;
  /** Default 7. */
  readonly cfg?: number;
  /** Default "euler", which draws no noise on the way: the same start noise leads to one picture. */
  readonly sampler?: string;
  /** Default "trailing". */
  readonly schedule?: string;
}

export interface CompareRequest {
  readonly title?: string;
  /** Paths, or names in the user's folders; none: the model that comes with fewstep, with its LoRAs. */
  readonly models: readonly string[];
  readonly loras?: readonly ComparedLora[];
  /** Names such as lcm or lightning-4, families such as lightning (the file made for each number of steps), or none. */
  readonly accelerators?: readonly string[];
  readonly steps?: readonly number[];
  /** Of the accelerator's LoRA. */
  readonly strengths?: readonly number[];
  readonly cfg?: readonly number[];
  /** Names of ours, ComfyUI's, A1111's or diffusers'. */
  readonly samplers?: readonly string[];
  readonly schedules?: readonly string[];
  readonly prompts: readonly (string | ComparedPrompt)[];
  /** For prompts without one of their own. */
  readonly negative?: string;
  /** {a|b} in prompts is a choice, made from each cell's seed. Default false. */
  readonly choices?: boolean;
  /** A folder of text files whose lines __name__ stands for; means choices. */
  readonly wildcards?: string;
  /** Default 0. As text beyond 2^53. */
  readonly seeds?: readonly (number | string)[];
  /** WIDTHxHEIGHT; default the family's. */
  readonly sizes?: readonly string[];
  readonly clipSkip?: number;
  /** False: no reference, so no distances. */
  readonly reference?: ReferenceRequest | false;
}

/** Axes in the order in which they vary, slowest first: whatever is dear to change changes least. */
export const axisNames = [
  "model",
  "size",
  "accelerator",
  "strength",
  "steps",
  "cfg",
  "sampler",
  "schedule",
  "prompt",
  "seed",
] as const;

export type AxisName = (typeof axisNames)[number];

/** A grid of more pictures than this is a slip: at a second each it takes three hours. */
export const MAX_CELLS = 10_000;
