// A small model in the place of all of the guide's bases, with one LoRA a method, as the embedded model has them: the nine runs where nobody
// has the guide's files. What it shows holds for that model alone.
import type { GenerateRequest } from "../generate/request.js";

export interface GuideStandIn {
  /** How each method's LoRA is meant to be run, by the accelerator's family: lcm, lightning, hyper, turbo. */
  readonly published: Readonly<Record<string, Pick<GenerateRequest, "guidance" | "sampling">>>;
  readonly size: { readonly width: number; readonly height: number };
}

export const STAND_IN_NOTES: readonly string[] = [
  "one small model stands for every base of the guide, and one LoRA for every file of a method: this says how the methods differ on it, and nothing about SDXL or the guide's checkpoints",
  "its Hyper LoRA was not made to keep guidance: runs 7 and 9 use it with CFG 8 all the same, where the guide used the CFG files",
];
