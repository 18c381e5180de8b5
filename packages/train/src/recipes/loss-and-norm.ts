// The two numbers that every training step answers.
import type { Tensors } from "../program/program.js";

export function lossAndNorm(answers: Tensors): { readonly loss: number; readonly norm: number } {
  return { loss: Number(answers.loss!.data[0]), norm: Number(answers.norm!.data[0]) };
}
