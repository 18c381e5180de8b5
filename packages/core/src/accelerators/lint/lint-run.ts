// What the linter looks at: a run as it was asked for, before anything is computed. Everything but sampling and base may be unknown;
// a rule whose facts are missing stays silent.
import type { FamilyId } from "../../families/family.js";
import type { PredictionType } from "../../sampling/prediction.js";
import type { SamplingOptions } from "../../sampling/sampling-options.js";
import type { AcceleratorVariant } from "../accelerator.js";
import type { LoraFacts } from "../file-facts.js";

export interface LintBase {
  readonly family: FamilyId;
  /** Title or file name: tells fine-tunes that are far from their teacher, and merges. A hint, as names are. */
  readonly title?: string;
  readonly prediction?: PredictionType;
  readonly zeroTerminalSnr?: boolean;
  readonly inpainting?: boolean;
  /** Side of the pictures it was trained at, where that is not the family's. */
  readonly size?: number;
}

export interface LintAccelerator {
  readonly variant: AcceleratorVariant;
  /** Default 1. */
  readonly strength?: number;
  /** Strength asked for on the text encoders. */
  readonly textStrength?: number;
  readonly facts?: LoraFacts;
  /** Part of its modules that fit the model, 0 to 1. */
  readonly coverage?: number;
}

export interface LintAdapter {
  readonly name: string;
  readonly strength: number;
  readonly family?: FamilyId;
  readonly dora?: boolean;
  /** Whether it is an OFT or BOFT. */
  readonly rotates?: boolean;
}

/** Adapters in the order in which they are applied. */
export type LintStackEntry = LintAccelerator | LintAdapter;

export interface LintRun {
  readonly base: LintBase;
  readonly stack: readonly LintStackEntry[];
  readonly sampling: SamplingOptions;
  readonly guidanceInput?: number;
  readonly size?: { readonly width: number; readonly height: number };
  readonly prompt?: string;
  readonly negative?: string;
  /** 1 is none. */
  readonly clipSkip?: number;
  readonly images?: number;
  /** Starts from a picture. */
  readonly fromPicture?: boolean;
  /** What decodes the picture: the name of the file it lies in, and whether that is another than the model's. Absent: no VAE does. */
  readonly vae?: { readonly name: string; readonly replaced: boolean };
  /** The tool whose picture the seed comes from. */
  readonly seedFrom?: "comfyui" | "a1111" | "invokeai" | "diffusers";
}
